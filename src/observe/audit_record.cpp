#include "observe/audit_record.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace wixtokend::observe {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  auto const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  out.append(digits.begin(), end);
}

void append_padded(std::string& out, unsigned value, std::size_t width) {
  std::array<char, 10> digits{};
  auto const end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  auto const size = static_cast<std::size_t>(end - digits.begin());
  out.append(width - std::min(width, size), '0').append(digits.begin(), end);
}

// "2026-01-31T12:00:00.000Z"
void append_time(std::string& out, wall_time at) {
  namespace chrono = std::chrono;
  auto const day = chrono::floor<chrono::days>(at);
  chrono::year_month_day const date{day};
  chrono::hh_mm_ss const time{at - day};
  append_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  append_padded(out, static_cast<unsigned>(time.hours().count()), 2);
  out.push_back(':');
  append_padded(out, static_cast<unsigned>(time.minutes().count()), 2);
  out.push_back(':');
  append_padded(out, static_cast<unsigned>(time.seconds().count()), 2);
  out.push_back('.');
  append_padded(out, static_cast<unsigned>(time.subseconds().count()), 3);
  out.push_back('Z');
}

void append_name(std::string& out, std::string_view name) {
  out.append(",\"").append(name).append("\":");
}

void append_count(std::string& out, std::string_view name, std::uint64_t value) {
  append_name(out, name);
  append_number(out, value);
}

// What a caller chooses is visible ASCII; whatever else it might be is escaped.
void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  out.push_back('"');
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte > 0x7e) {
      out.append("\\u00").push_back(hex_digits[byte >> 4U]);
      out.push_back(hex_digits[byte & 0xfU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) {
    out.push_back(hex_digits[(value >> static_cast<unsigned>(shift)) & 0xfU]);
  }
}

void append_instance(std::string& out, instance_id const& id) {
  append_name(out, "instance");
  out.push_back('"');
  for (std::size_t i = 0; i < id.bytes().size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(hex_digits[id.bytes()[i] >> 4U]);
    out.push_back(hex_digits[id.bytes()[i] & 0xfU]);
  }
  out.push_back('"');
}

std::string_view name_of(std::vector<std::string> const& names, std::size_t number) {
  return number < names.size() ? std::string_view{names[number]} : std::string_view{"?"};
}

}  // namespace

void audit_record::name_request(std::string_view id) noexcept {
  id = id.substr(0, request_id_size_max);
  std::copy(id.begin(), id.end(), request_id.begin());
  request_id_size = static_cast<std::uint8_t>(id.size());
}

void append_line(std::string& out, audit_record const& record, audit_names const& names) {
  out.append("{\"time\":\"");
  append_time(out, record.at);
  out.push_back('"');
  append_text(out, "method", record.method);
  append_text(out, "path", record.path);
  append_text(out, "app", name_of(names.apps, static_cast<std::size_t>(record.key.app)));
  append_instance(out, record.key.instance);
  append_count(out, "generation", record.generation);
  append_name(out, "token_sha256");
  out.push_back('"');
  append_hex(out, record.token_digest);
  out.push_back('"');
  append_count(out, "uid", record.uid);
  append_count(out, "gid", record.gid);
  append_count(out, "pid", static_cast<std::uint64_t>(std::max(record.pid, 0)));
  append_text(out, "socket", name_of(names.sockets, record.socket));
  append_text(out, "request_id", {record.request_id.data(), record.request_id_size});
  out.append("}\n");
}

void append_line(std::string& out, audit_gap const& gap) {
  out.append("{\"time\":\"");
  append_time(out, gap.until);
  out.push_back('"');
  append_count(out, "lost", gap.lost);
  out.append(",\"from\":\"");
  append_time(out, gap.from);
  out.append("\",\"until\":\"");
  append_time(out, gap.until);
  out.append("\"}\n");
}

}  // namespace wixtokend::observe
