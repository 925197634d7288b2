#include "support/api_world.hpp"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {

void api_client::send(std::string_view bytes) {
  auto const written = run_task(loop_, stream_->write_all(bytes));
  static_cast<void>(written);  // the server may have closed: the test sees that by what comes back
  time_.settle();
}

void api_client::send_unseen(std::string_view bytes) {
  // The writing coroutine is the next that runs.
  asio::co_spawn(loop_, stream_->write_all(bytes), [](std::exception_ptr, result<void>) {});
}

void api_client::finish_sending() {
  stream_->shutdown_write();
  time_.settle();
}

void api_client::leave() {
  stream_->close();
  time_.settle();
}

void api_client::reset() {
  stream_->reset();
  time_.settle();
}

std::string_view api_client::received() {
  time_.settle();
  while (!stream_->pending().empty()) {
    std::array<char, 4096> piece{};
    auto const size = run_task(loop_, stream_->read_some(piece));
    if (!size.has_value()) break;
    received_.append(piece.data(), *size);
  }
  return received_;
}

http::response api_client::take() {
  received();
  constexpr http::limits roomy{16 * 1024, 64 * 1024 * 1024};
  http::response_decoder decoder{roomy};
  auto const used = decoder.feed(received_);
  if (!used.has_value() || !decoder.complete()) {
    throw std::runtime_error{"there is no whole response: " + received_};
  }
  received_.erase(0, *used);
  return decoder.take();
}

bool api_client::ended() {
  received();
  return received_.empty() && stream_->ended();
}

api::api_settings api_world::default_settings() {
  api::api_settings settings;
  settings.apps = {{"main", "11111111-1111-4111-8111-111111111111"},
                   {"blog", "22222222-2222-4222-8222-222222222222"}};
  settings.version = "1.2.3";
  return settings;
}

namespace {

api::api_settings with_webhooks(api::api_settings settings, scripted_verifier const& verifier) {
  settings.apps.front().webhooks = &verifier;
  return settings;
}

}  // namespace

api_world::api_world(core::app_policy const& app, api::api_settings const& settings,
                     bool with_store)
    : engine{{}, {app, app}, 1, 1'000},
      state{loop, time, engine, grants, log},
      service{loop, time, state, {{"main", &issuer}, {"blog", &blog_issuer}}, log},
      registrar{time, state, service, false},
      server{loop, registrar, policy, log, with_webhooks(settings, verifier)} {
  if (with_store) state.attach(disk);
  state.start();
  service.start();
  time.settle();
}

api_world::~api_world() {
  begin_stop(0s);
  time.advance(30s);
  asio::co_spawn(loop, service.stop(), [](std::exception_ptr) {});
  time.advance(service::token_service::exchange_time_max);
  asio::co_spawn(loop, state.stop(0s), [](std::exception_ptr) {});
  time.settle();
}

api_client& api_world::connect(std::uint32_t uid, core::role_set roles) {
  auto [near, far] = memory_stream::make_pair(loop);
  net::peer from;
  from.uid = uid;
  from.gid = uid;
  from.pid = 4711;
  server.admit(std::move(far), from, {"main", roles});
  time.settle();
  return clients.emplace_back(loop, time, std::move(near));
}

http::response api_world::request(std::string const& method, std::string const& target,
                                  std::string const& headers, std::string const& body,
                                  std::uint32_t uid) {
  auto& client = connect(uid);
  client.send(request_text(method, target, headers, body));
  time.advance(0s);
  auto answer = client.take();
  client.leave();
  return answer;
}

void api_world::begin_stop(duration grace) {
  if (std::exchange(stop_begun_, true)) return;
  asio::co_spawn(loop, server.stop(grace), [this](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    stopped = true;
  });
  time.settle();
}

std::string request_text(std::string const& method, std::string const& target,
                         std::string const& headers, std::string const& body) {
  auto text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

std::string chunked_body(std::string const& body) {
  return http::chunk_line(body.size()) + body + "\r\n0\r\n\r\n";
}

std::string member_of(http::response const& answer, std::string_view name) {
  auto const mark = '"' + std::string{name} + "\":";
  auto const at = answer.body.find(mark);
  if (at == std::string::npos) return {};
  auto const begin = at + mark.size();
  if (answer.body[begin] == '"') {
    return answer.body.substr(begin, answer.body.find('"', begin + 1) + 1 - begin);
  }
  return answer.body.substr(begin, answer.body.find_first_of(",}", begin) - begin);
}

std::string error_of(http::response const& answer) {
  auto code = member_of(answer, "error");
  if (code.size() > 2) code = code.substr(1, code.size() - 2);
  return std::to_string(answer.status) + " " + code;
}

}  // namespace wixtokend::test
