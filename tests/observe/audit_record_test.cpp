#include "observe/audit_record.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace wixtokend::observe {
namespace {

using namespace std::chrono_literals;

audit_names const names{{"main", "blog"}, {"open", "own"}};

audit_record sample() {
  audit_record out;
  out.at = wall_time{1'800'000'000'123ms};
  out.method = "GET";
  out.path = "/v1/instances/{id}/token";
  out.key = {app_number{1}, *instance_id::parse("2D2F5D2E-6F1A-4C38-9E0B-0D4C6A1B7E55")};
  out.generation = 1'799'999'999'000;
  out.token_digest = 0x0123'4567'89ab'cdefULL;
  out.uid = 1'000;
  out.gid = 4'294'967'295U;
  out.pid = 4'711;
  out.socket = 1;
  out.name_request("abc-1");
  return out;
}

std::string line_of(audit_record const& record) {
  std::string out;
  append_line(out, record, names);
  return out;
}

}  // namespace

TEST_SUITE("observe.audit_record") {
  TEST_CASE("a record is one line of JSON, in the order in which people read it") {
    CHECK(line_of(sample()) ==
          R"({"time":"2027-01-15T08:00:00.123Z","method":"GET",)"
          R"("path":"/v1/instances/{id}/token","app":"blog",)"
          R"("instance":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","generation":1799999999000,)"
          R"("token_sha256":"0123456789abcdef","uid":1000,"gid":4294967295,"pid":4711,)"
          R"("socket":"own","request_id":"abc-1"})"
          "\n");
  }

  TEST_CASE("no request id can end the line or forge a member") {
    auto record = sample();
    record.name_request("\",\"uid\":0,\"x\\\n\x7f\xff");
    CHECK(line_of(record).ends_with(R"("request_id":"\",\"uid\":0,\"x\\\u000a\u007f\u00ff"})"
                                    "\n"));
  }

  TEST_CASE("a long request id is cut, and no line is longer than it is said to be") {
    auto record = sample();
    record.name_request(std::string(500, '\n'));
    CHECK(record.request_id_size == audit_record::request_id_size_max);
    record.generation = UINT64_MAX;
    record.pid = INT32_MAX;
    record.path = "/v1/instances/{id}/token/reject";
    audit_names const longest{{"", std::string(32, 'a')}, {"", std::string(32, 's')}};
    std::string line;
    append_line(line, record, longest);
    CHECK(line.size() > 1'000);
    CHECK(line.size() <= audit_line_size_max);
  }

  TEST_CASE("a process of another namespace has no pid, and unknown numbers have no name") {
    auto record = sample();
    record.pid = -1;
    record.socket = 7;
    auto const line = line_of(record);
    CHECK(line.find(R"("pid":0,"socket":"?")") != std::string::npos);
  }

  TEST_CASE("a gap says how many records are missing, and when") {
    audit_gap const gap{3, wall_time{0ms}, wall_time{86'399'999ms}};
    std::string line;
    append_line(line, gap);
    CHECK(line == R"({"time":"1970-01-01T23:59:59.999Z","lost":3,)"
                  R"("from":"1970-01-01T00:00:00.000Z","until":"1970-01-01T23:59:59.999Z"})"
                  "\n");
  }
}

}  // namespace wixtokend::observe
