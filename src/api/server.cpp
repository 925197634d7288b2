#include "api/server.hpp"

#include "api/linger.hpp"
#include "async/with_deadline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::api {
namespace {

constexpr auto sweep_interval = 5s;   // how late an idle connection may be noticed
constexpr auto accept_pause = 100ms;  // while there are no descriptors
constexpr auto refusal_line_interval = 1s;
constexpr auto turn_away_time_max = 1s;
constexpr std::size_t open_connections_max = 32;  // of those who have no identity, together
constexpr auto newcomer_time_max = 250ms;     // from connecting to the first request, at the end
constexpr std::size_t turning_away_max = 64;  // beyond it, connections are closed without a word

// Ends the loop: a coroutine of ours that throws is a bug.
void rethrow(std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
}

}  // namespace

server::server(event_loop& loop, service::registrar& registrar, core::access_policy const& policy,
               observe::logger& log, api_settings settings)
    : executor_{loop.get_executor()},
      shared_{registrar.tokens(), registrar, policy, log, std::move(settings)},
      emptied_{executor_},
      loops_{executor_, rethrow},
      connections_{executor_, rethrow} {
  assert(!shared_.settings.apps.empty());
  shared_.ids = request_ids{shared_.settings.request_id_seed};
  shared_.started_at = shared_.time().now();
  shared_.started_wall = shared_.time().wall_now();
  shared_.lookups.resize(shared_.settings.apps.size());
}

server::~server() = default;

// One by one: requests under way refer to what stays.
void server::configure(api_settings const& settings) {
  shared_.settings.limits = settings.limits;
  shared_.settings.dropin_expires_in_max = settings.dropin_expires_in_max;
  shared_.settings.ready_fraction = settings.ready_fraction;
}

void server::note_reload(reload_outcome outcome) {
  shared_.reloaded = std::move(outcome);
  shared_.reloaded_at = shared_.time().wall_now();
}

void server::listen(std::unique_ptr<net::unix_listener> listener, socket_settings socket) {
  auto& added = listeners_.emplace_back();
  added.listener = std::move(listener);
  added.socket = std::move(socket);
  loops_.spawn(accept_all(added));
}

void server::listen(std::unique_ptr<net::tcp_listener> listener, std::string name) {
  auto& added = listeners_.emplace_back();
  added.open_listener = std::move(listener);
  added.socket.name = std::move(name);
  added.socket.roles = static_cast<core::role_set>(core::role::status);
  added.socket.open = true;
  loops_.spawn(accept_all(added));
}

// Over TCP the peer stays what a `net::peer` is by default: nobody.
task<result<net::accepted_unix_connection>> server::listening::accept() {
  if (listener) co_return co_await listener->accept();
  auto stream = co_await open_listener->accept();
  if (!stream.has_value()) co_return stream.error();
  net::accepted_unix_connection arrived;
  arrived.stream = *std::move(stream);
  co_return arrived;
}

void server::listening::close() noexcept {
  listener ? listener->close() : open_listener->close();
}

task<> server::accept_all(listening& from) {
  bool complained = false;
  while (!stopping_) {
    auto got = co_await from.accept();
    if (stopping_) break;
    if (got.has_value()) {
      complained = false;
      admit(std::move(got->stream), got->from, from.socket);
      continue;
    }
    if (!std::exchange(complained, true)) {
      shared_.log.error("accept_failed", {{"socket", from.socket.name},
                                          {"reason", got.error().message()},
                                          {"next", "retrying every 100 ms"}});
    }
    co_await shared_.time().sleep_until(shared_.time().now() + accept_pause);
  }
}

std::optional<fault> server::over_limit(std::uint32_t uid, socket_settings const& socket) const {
  auto const& limits = shared_.settings.limits;
  if (sessions_.size() >= limits.connections_max) return fault::server_full;
  auto const of_peer = connections_of_.find(uid);
  auto const most = socket.open ? open_connections_max : limits.connections_per_uid_max;
  bool const many = of_peer != connections_of_.end() && of_peer->second >= most;
  if (many) return fault::too_many_connections;
  return std::nullopt;
}

void server::admit(std::unique_ptr<net::byte_stream> stream, net::peer const& from,
                   socket_settings const& socket) {
  if (auto const why = over_limit(from.uid, socket)) {
    ++shared_.counted.connections_refused;
    log_refused(*why, from, socket);
    if (turning_away_ < turning_away_max) connections_.spawn(turn_away(std::move(stream), *why));
    return;
  }
  sessions_.push_back(
      std::make_unique<session>(shared_, executor_, std::move(stream), from, socket));
  ++served_;
  ++connections_of_[from.uid];
  shared_.connections = sessions_.size();
  connections_.spawn(serve(std::prev(sessions_.end())));
  if (!std::exchange(sweeping_, true)) loops_.spawn(sweep());
}

// At most a line a second: whoever connects too often must not be able to flood the log as well.
void server::log_refused(fault why, net::peer const& from, socket_settings const& socket) {
  auto const now = shared_.time().now();
  if (now < next_refusal_line_) return;
  next_refusal_line_ = now + refusal_line_interval;
  shared_.log.warning("connection_refused",
                      {{"code", std::string{entry_of(why).code}},
                       {"uid", std::to_string(from.uid)},
                       {"pid", std::to_string(from.pid)},
                       {"socket", socket.name},
                       {"refused_so_far", std::to_string(shared_.counted.connections_refused)}});
}

task<> server::serve(place which) {
  co_await (*which)->run();
  ended(which);
}

void server::ended(place which) noexcept {
  auto const of_peer = connections_of_.find((*which)->uid());
  if (--of_peer->second == 0) connections_of_.erase(of_peer);
  sessions_.erase(which);
  shared_.connections = sessions_.size();
  if (sessions_.empty()) emptied_.set();
}

task<> server::turn_away(std::unique_ptr<net::byte_stream> stream, fault why) {
  ++turning_away_;
  problem const what{.what = why};
  auto message = to_answer(what);
  message.headers.add("X-Request-Id", shared_.ids.next());
  message.keep_alive = false;
  auto const bytes = http::encode(message);
  auto const limit = shared_.time().now() + turn_away_time_max;
  auto writing = stream->write_all(bytes);
  auto const written = co_await with_deadline(shared_.time(), limit, std::move(writing));
  if (written.has_value()) co_await linger(*stream, shared_.time(), turn_away_time_max);
  stream->close();
  --turning_away_;
}

// One timer for all connections instead of one for each read; it runs only while there are some.
task<> server::sweep() {
  while (!sessions_.empty()) {
    auto const due = shared_.time().now() + sweep_interval;
    co_await shared_.time().sleep_until(due);
    auto const now = shared_.time().now();
    shared_.loop_lag.add(std::chrono::duration<double>{now - due}.count());
    for (auto const& one : sessions_) one->close_if_idle(now);
  }
  sweeping_ = false;
}

task<result<void>> server::until_empty() {
  while (!sessions_.empty()) co_await emptied_.wait();
  co_return result<void>{};
}

task<> server::stop(duration grace) {
  stopping_ = true;
  shared_.draining = true;
  for (auto& one : listeners_) one.close();
  auto const begin = shared_.time().now();
  for (auto const& one : sessions_) one->finish();
  auto newcomers = until_empty();
  auto const newcomer_limit = begin + std::min<duration>(grace, newcomer_time_max);
  auto const all_gone =
      co_await with_deadline(shared_.time(), newcomer_limit, std::move(newcomers));
  if (!all_gone.has_value()) {
    for (auto const& one : sessions_) one->finish();
  }

  auto const limit = saturating_add(begin, grace);
  auto emptying = until_empty();
  auto const ended_in_time = co_await with_deadline(shared_.time(), limit, std::move(emptying));
  if (!ended_in_time.has_value()) {
    shared_.log.warning("connections_cut", {{"connections", std::to_string(sessions_.size())}});
  }
  for (auto const& one : sessions_) one->close();
  co_await connections_.join();
  loops_.stop();
  co_await loops_.join();
}

}  // namespace wixtokend::api
