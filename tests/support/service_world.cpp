#include "support/service_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace wixtokend::test {

task<> service_world::wait_for(caller& who, instance_key key, core::token_needs needs,
                               duration wait, core::peer_id peer) {
  auto answer = co_await service.await_token(key, needs, wait, peer);
  who.answer.emplace(std::move(answer));
  who.answered_at = time.now();
  auto const served = service.serve(key, needs);
  if (!who.answer->refused && served) who.token = std::string{served->token->reveal()};
}

caller& service_world::ask(instance_key const& key, duration wait, core::token_needs const& needs,
                           core::peer_id peer) {
  auto& who = *callers.emplace_back(std::make_unique<caller>());
  auto const ended = [&who](std::exception_ptr failure) { who.left = failure != nullptr; };
  asio::co_spawn(loop, wait_for(who, key, needs, wait, peer),
                 asio::bind_cancellation_slot(who.leave.slot(), ended));
  time.settle();
  return who;
}

}  // namespace wixtokend::test
