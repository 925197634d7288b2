#include "emulator/server.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace wixtokend::emulator {
namespace {

using namespace std::chrono_literals;

constexpr auto handshake_time_max = 10s;
constexpr auto accept_pause = 100ms;    // after an error of accept: out of descriptors
constexpr auto sweep_interval = 500ms;  // how late an idle connection may be closed

// Counts a connection while it is there.
class open_connection {
 public:
  explicit open_connection(counters& counted) : counted_{counted} { counted_.connection_opened(); }
  open_connection(open_connection const&) = delete;
  open_connection& operator=(open_connection const&) = delete;
  ~open_connection() { counted_.connection_closed(); }

 private:
  counters& counted_;
};

// Keeps a session in the list while it runs.
class listed {
 public:
  listed(std::list<session*>& all, session& one) : all_{all}, at_{all.insert(all.end(), &one)} {}
  listed(listed const&) = delete;
  listed& operator=(listed const&) = delete;
  ~listed() { all_.erase(at_); }

 private:
  std::list<session*>& all_;
  std::list<session*>::iterator at_;
};

}  // namespace

server::server(event_loop& loop, surroundings const& around)
    : loop_{loop},
      around_{around},
      // A mistake of ours: it ends the loop, and thereby the program.
      running_{loop.get_executor(),
               [](std::exception_ptr failure) { std::rethrow_exception(std::move(failure)); }} {}

result<std::uint16_t> server::listen(std::string const& address, std::uint16_t port,
                                     net::tls_server_context* certificate, bool control_allowed) {
  auto listener = net::tcp_listener::open(loop_, address, port);
  if (!listener.has_value()) return listener.error();
  auto& opened = *listeners_.emplace_back(*std::move(listener));
  running_.spawn(accept(opened, certificate, control_allowed));
  if (!sweeping_) running_.spawn(close_idle_sessions());
  sweeping_ = true;
  return opened.port();
}

task<> server::stop() {
  running_.stop();
  co_await running_.join();
  listeners_.clear();
}

task<> server::accept(net::tcp_listener& listener, net::tls_server_context* certificate,
                      bool control_allowed) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (!accepted.has_value()) {
      around_.log.warning("accept_failed", {{"reason", accepted.error().message()}});
      auto const until = around_.time.now() + accept_pause;
      co_await around_.time.sleep_until(until);
      continue;
    }
    if (around_.state.counted.connections().open >= connections_max) {
      around_.log.warning("connection_refused", {{"reason", "too many connections"}});
      continue;
    }
    running_.spawn(serve(*std::move(accepted), certificate, control_allowed));
  }
}

task<> server::serve(std::unique_ptr<net::byte_stream> stream, net::tls_server_context* certificate,
                     bool control_allowed) {
  open_connection const counting{around_.state.counted};
  if (certificate != nullptr) {
    auto const limit = around_.time.now() + handshake_time_max;
    auto secured = co_await certificate->handshake(std::move(stream), around_.time, limit);
    if (!secured.has_value()) {
      around_.log.info("handshake_failed", {{"reason", secured.error().message()}});
      co_return;
    }
    stream = *std::move(secured);
  }
  auto const one = std::make_unique<session>(around_, std::move(stream), control_allowed);
  listed const entry{sessions_, *one};
  co_await one->run();
}

task<> server::close_idle_sessions() {
  for (;;) {
    auto const next = around_.time.now() + sweep_interval;
    co_await around_.time.sleep_until(next);
    auto const limit =
        around_.time.now() - std::chrono::seconds{around_.state.knobs.idle_close_seconds};
    for (auto* const one : sessions_) one->close_if_idle_since(limit);
  }
}

}  // namespace wixtokend::emulator
