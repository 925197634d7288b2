#pragma once
// A token service beside a store, for what must outlive a crash.

#include "support/service_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::test {

/// A service whose state goes to a scripted disk.
struct stored_world : service_world {
  stored_world() : service_world{{}, {}, true} {}

  /// Registers an instance. @returns the outcome, which must come at once.
  service::registration_outcome put(unsigned n, std::optional<core::grant> how,
                                    std::string const& credential = {}, bool replace = false) {
    service::registration wanted;
    wanted.how = how;
    wanted.credential = secret{credential};
    wanted.replace = replace;
    std::optional<service::registration_outcome> outcome;
    auto const put_it = [](stored_world& w, unsigned which, service::registration what,
                           std::optional<service::registration_outcome>& into) -> task<> {
      auto adding = w.registrar.add(key_of(which), std::move(what));
      into = co_await std::move(adding);
    };
    asio::co_spawn(loop, put_it(*this, n, std::move(wanted), outcome), [](std::exception_ptr) {});
    time.advance(std::chrono::milliseconds{1});
    REQUIRE(outcome.has_value());
    return *outcome;
  }

  /// Removes an instance; whether that is written is not waited for.
  void remove(unsigned n) {
    auto const remove_it = [](stored_world& w, unsigned which) -> task<> {
      auto removing = w.registrar.remove(key_of(which));
      static_cast<void>(co_await std::move(removing));
    };
    asio::co_spawn(loop, remove_it(*this, n), [](std::exception_ptr) {});
  }

  [[nodiscard]] service::code_outcome code(unsigned n, std::size_t which) const {
    return registrar.codes(key_of(n)).at(which).outcome;
  }

  core::instance_view seen(unsigned n) { return service.view(key_of(n)).value(); }

  /// A process that is started on what this one has written.
  void move_to(service_world& next) {
    stop();
    for (auto& one : disk.take_all()) CHECK(next.registrar.load(std::move(one)));
    next.service.dispatch();
    next.time.settle();
  }
};

}  // namespace wixtokend::test
