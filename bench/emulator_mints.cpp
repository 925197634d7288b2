// How many tokens a second wix-oauth-emulator mints: a closed loop over keep-alive connections to
// its plain HTTP port on loopback. Every answer is checked: status 200, and a token in it.
//
//   bench_emulator_mints --port P --pid PID [--connections 16] [--seconds 5] [--instances 1000]
//
// Prints one line: mints per second, and the emulator's CPU time per mint from /proc/PID/stat.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using bench_clock = std::chrono::steady_clock;

struct options {
  std::uint16_t port = 0;
  int pid = 0;
  std::size_t connections = 16;
  std::size_t seconds = 5;
  std::size_t instances = 1000;
};

[[noreturn]] void fail(std::string const& what) {
  throw std::runtime_error{what};
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) fail("not a number");
  return value;
}

options parse(int count, char** arguments) {
  options chosen;
  for (int i = 1; i + 1 < count; i += 2) {
    std::string_view const name = arguments[i];
    auto const value = number(arguments[i + 1]);
    if (name == "--port") {
      chosen.port = static_cast<std::uint16_t>(value);
    } else if (name == "--pid") {
      chosen.pid = static_cast<int>(value);
    } else if (name == "--connections") {
      chosen.connections = value;
    } else if (name == "--seconds") {
      chosen.seconds = value;
    } else if (name == "--instances") {
      chosen.instances = value;
    } else {
      fail("unknown option " + std::string{name});
    }
  }
  if (chosen.port == 0 || chosen.pid == 0) fail("--port and --pid are needed");
  return chosen;
}

// User and system time of a process: fields 14 and 15 of proc(5) stat, in clock ticks.
double cpu_seconds(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(file, text);
  auto const name_end = text.rfind(')');
  if (name_end == std::string::npos) fail("the emulator has gone");
  std::istringstream fields{text.substr(name_end + 2)};
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string request_for(std::size_t instance) {
  auto const id = std::to_string(instance);
  std::string const body =
      R"({"instance_id":"22222222-2222-4222-8222-)" + std::string(12 - id.size(), '0') + id +
      R"(","client_id":"11111111-1111-4111-8111-111111111111",)"
      R"("client_secret":"demo-secret-of-the-emulator","grant_type":"client_credentials"})";
  return "POST /oauth2/token HTTP/1.1\r\nHost: www.wixapis.com\r\nContent-Type: "
         "application/json\r\n"
         "Accept: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connect_to(std::uint16_t port) {
  int const descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto const* const generic = static_cast<sockaddr const*>(static_cast<void const*>(&address));
  if (descriptor < 0 || ::connect(descriptor, generic, sizeof address) != 0) fail("cannot connect");
  int const on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

class connection {
 public:
  explicit connection(std::uint16_t port) : descriptor_{connect_to(port)} {}

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  void send(std::string const& bytes) const {
    auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) fail("cannot send");
  }

  // Reads what is there. True if an answer is complete; throws if it is not a token.
  bool receive() {
    std::array<char, 8192> part{};
    auto const size = ::recv(descriptor_, part.data(), part.size(), 0);
    if (size <= 0) fail("the emulator closed a connection");
    received_.append(part.data(), static_cast<std::size_t>(size));
    auto const head = received_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    constexpr std::string_view length_field = "Content-Length: ";
    auto const length = received_.find(length_field);
    if (length == std::string::npos || length > head) fail("an answer without a length");
    auto const digits = length + length_field.size();
    auto const whole =
        head + 4 + number({&received_[digits], received_.find("\r\n", digits) - digits});
    if (received_.size() < whole) return false;
    if (!received_.starts_with("HTTP/1.1 200 ")) fail("not a 200: " + received_.substr(0, 200));
    if (received_.find(R"("access_token":"OauthNG.JWS.)", head) == std::string::npos) {
      fail("an answer without a token");
    }
    received_.clear();
    return true;
  }

 private:
  int descriptor_;
  std::string received_;
};

// Runs for that long. @returns how many tokens came.
std::uint64_t run(std::vector<connection>& connections, std::vector<std::string> const& requests,
                  std::chrono::duration<double> length) {
  int const poll = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < connections.size(); ++i) {
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u64 = i;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].descriptor(), &interest);
  }
  std::size_t next = 0;
  auto const send_next = [&](connection const& over) {
    over.send(requests[next]);
    next = (next + 1) % requests.size();
  };
  for (auto& one : connections) send_next(one);

  std::uint64_t mints = 0;
  std::size_t waiting = connections.size();
  auto const end = bench_clock::now() + length;
  while (waiting > 0) {
    std::array<epoll_event, 64> ready{};
    int const count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 5000);
    if (count <= 0) fail("the emulator does not answer");
    bool const over = bench_clock::now() >= end;
    for (int i = 0; i < count; ++i) {
      auto& one = connections[ready.at(static_cast<std::size_t>(i)).data.u64];
      if (!one.receive()) continue;
      ++mints;
      if (over) {
        --waiting;  // the last answers are waited for, so that the next run starts clean
      } else {
        send_next(one);
      }
    }
  }
  ::close(poll);
  return mints;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    auto const chosen = parse(count, arguments);
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < chosen.instances; ++i) requests.push_back(request_for(i));
    std::vector<connection> connections;
    for (std::size_t i = 0; i < chosen.connections; ++i) connections.emplace_back(chosen.port);

    run(connections, requests, std::chrono::seconds{1});  // warm-up
    auto const cpu_before = cpu_seconds(chosen.pid);
    auto const before = bench_clock::now();
    auto const mints = run(connections, requests, std::chrono::seconds{chosen.seconds});
    std::chrono::duration<double> const took = bench_clock::now() - before;
    auto const cpu = cpu_seconds(chosen.pid) - cpu_before;
    std::printf(
        "emulator_mints connections=%zu mints_per_second=%.0f cpu_us_per_mint=%.1f "
        "emulator_cpu=%.0f%%\n",
        chosen.connections, static_cast<double>(mints) / took.count(),
        cpu * 1e6 / static_cast<double>(mints), 100 * cpu / took.count());
    return 0;
  } catch (std::exception const& failure) {
    std::cerr << "bench_emulator_mints: " << failure.what() << '\n';
    return 1;
  }
}
