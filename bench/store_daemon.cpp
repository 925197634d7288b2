#include "bench/store_daemon.hpp"

#include "base/text.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace wixtokend::bench {
namespace {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view secret_text = "demo-secret-of-the-emulator";
constexpr auto start_max = 600s;

double seconds_since(steady::time_point begin) {
  return std::chrono::duration<double>{steady::now() - begin}.count();
}

// Also while nobody listens yet.
bool ready(std::string const& socket) {
  try {
    auto client = test::raw_client::unix_socket(socket);
    return client.request("GET", "/readyz").status == 200;
  } catch (std::runtime_error const&) {
    return false;
  }
}

std::string first_word_of(std::filesystem::path const& file) {
  std::string word;
  std::ifstream{file} >> word;
  return word;
}

}  // namespace

void wrong(std::string const& what) {
  throw std::runtime_error{"wrong result: " + what};
}

std::string id_text(std::uint64_t number) {
  std::array<char, 40> text{};
  auto const mixed = core::random_source{number}.next();
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(mixed >> 32U), static_cast<unsigned>(mixed >> 16U & 0xffffU),
                static_cast<unsigned>(mixed >> 4U & 0xfffU), static_cast<unsigned>(mixed & 0xfffU),
                static_cast<unsigned long long>(number));
  return text.data();
}

std::vector<std::size_t> sizes_from(int count, char** arguments,
                                    std::vector<std::size_t> otherwise) {
  if (count < 2) return otherwise;
  std::vector<std::size_t> sizes;
  for (int i = 1; i < count; ++i) sizes.push_back(parse_decimal(arguments[i]).value());
  return sizes;
}

double seconds_of(std::function<void()> const& work) {
  auto const begin = steady::now();
  work();
  return seconds_since(begin);
}

double median_of(std::size_t rounds, std::function<double()> const& round) {
  std::vector<double> values;
  for (std::size_t i = 0; i < rounds; ++i) values.push_back(round());
  std::ranges::sort(values);
  return values[rounds / 2];
}

std::uint64_t number_in(std::string_view json, std::string_view name) {
  auto const key = '"' + std::string{name} + "\":";
  auto const at = json.find(key);
  if (at == std::string_view::npos) wrong("no " + key + " in " + std::string{json.substr(0, 300)});
  auto const digits = json.substr(at + key.size());
  return parse_decimal(digits.substr(0, digits.find_first_not_of("0123456789"))).value();
}

figures::figures(std::vector<std::size_t> sizes) : columns_{sizes.size()} {
  std::printf("%-52s", "instances");
  for (auto const size : sizes) std::printf(" %11zu", size);
  std::printf(columns_ > 1 ? " %8s\n" : "\n", "growth");
}

void figures::row(char const* name, std::vector<double> const& values, int decimals) const {
  std::printf("%-52s", name);
  for (auto const value : values) std::printf(" %11.*f", decimals, value);
  if (columns_ > 1 && values.front() != 0) std::printf(" %8.2f", values.back() / values.front());
  std::printf("\n");
}

void figures::ratio(char const* name, std::vector<double> const& ours,
                    std::vector<double> const& peer) const {
  std::printf("%-52s", name);
  for (std::size_t i = 0; i < columns_; ++i) std::printf(" %11.2f", ours.at(i) / peer.at(i));
  std::printf("\n");
}

emulator::emulator(test::temporary_folder const& folder)
    : process_{{test::program("wix-oauth-emulator"), "--http", "127.0.0.1:0", "--https",
                "127.0.0.1:0", "--ca-out", folder.path("ca.pem"), "--log-level", "warning"},
               folder.path("emulator-out"),
               folder.path("emulator-log")},
      ca_file_{folder.path("ca.pem")} {
  auto const line = process_.first_output_line();
  https_port_ = static_cast<std::uint16_t>(number_in(line, "https_port"));
  http_port_ = static_cast<std::uint16_t>(number_in(line, "http_port"));
}

std::string emulator::app_settings() const {
  return "base_url = \"https://localhost:" + std::to_string(https_port_) + "\"\nca_file = \"" +
         ca_file_ + "\"\n";
}

std::uint64_t emulator::requests() const {
  static constexpr std::string_view counted = R"("requests":)";
  auto const answer =
      test::raw_client::tcp(http_port_).request("GET", "/__control/counters?limit=1");
  // Of each route; the mints of all instances and then the instances follow.
  std::string_view routes{answer.body};
  routes = routes.substr(0, routes.find(R"("mints":)"));
  std::uint64_t sum = 0;
  for (auto at = routes.find(counted); at != routes.npos; at = routes.find(counted, at + 1)) {
    sum += number_in(routes.substr(at), "requests");
  }
  return sum;
}

std::string store_daemon::key() {
  return "wixtokend-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

store_daemon::store_daemon(test::temporary_folder const& folder, std::string const& app_settings,
                           bool with_store)
    : socket_{folder.path("socket")} {
  folder.write("secret", std::string{secret_text} + "\n");
  folder.write("key", key() + "\n");
  std::string config = "[[app]]\napp_id = \"" + std::string{app_id} +
                       "\"\napp_secret_file = \"secret\"\n" + app_settings +
                       "\n[[socket]]\npath = \"" + socket_ +
                       "\"\n[limits]\nmax_instances = 3000000\n";
  if (with_store) config += "[store]\nfile = \"" + file(folder) + "\"\nkey_file = \"key\"\n";
  auto const file = folder.write("wixtokend.toml", config);

  auto const begin = steady::now();
  process_ = std::make_unique<test::process>(
      std::vector<std::string>{test::program("wixtokend"), "run", "--config", file},
      folder.path("daemon-out"), folder.path("daemon-log"));
  while (!ready(socket_)) {
    if (!process_->running() || steady::now() - begin > start_max) {
      wrong("the daemon does not start: " + process_->errors());
    }
    std::this_thread::sleep_for(1ms);
  }
  start_seconds_ = seconds_since(begin);
}

test::raw_client store_daemon::connect() const {
  return test::raw_client::unix_socket(socket_);
}

std::uint64_t store_daemon::resident_bytes() const {
  std::ifstream status{"/proc/" + std::to_string(process_->pid()) + "/status"};
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    status >> word;
    return parse_decimal(word).value() * 1024;
  }
  wrong("the daemon has gone");
}

// The first field of schedstat is the thread's time on a processor, in ns.
processor_time store_daemon::used() const {
  processor_time sum;
  auto const tasks = "/proc/" + std::to_string(process_->pid()) + "/task";
  for (auto const& thread : std::filesystem::directory_iterator{tasks}) {
    auto const spent = parse_decimal(first_word_of(thread.path() / "schedstat")).value();
    auto const seconds = static_cast<double>(spent) * 1e-9;
    sum.process += seconds;
    if (first_word_of(thread.path() / "comm") == "store") sum.store_thread += seconds;
  }
  return sum;
}

void store_daemon::stop() {
  process_->signal(SIGTERM);
  if (process_->wait(60s) != 0) wrong("the daemon does not end: " + process_->errors());
}

void store_daemon::register_in_bulk(std::uint64_t first, std::size_t count) const {
  auto const line = [](std::uint64_t number) {
    return R"({"instance_id":")" + id_text(number) + "\"}\n";
  };
  auto client = connect();
  client.send("POST /v1/instances HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
              std::to_string(count * line(first).size()) + "\r\n\r\n");
  std::string piece;
  for (std::size_t i = 0; i < count; ++i) {
    piece += line(first + i);
    if (piece.size() < 65'536 && i + 1 < count) continue;
    if (!client.send(piece)) break;
    piece.clear();
  }
  auto const answer = client.receive(start_max);
  if (answer.status != 200 || number_in(answer.body, "added") != count) wrong(answer.body);
}

}  // namespace wixtokend::bench
