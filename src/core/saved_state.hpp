#pragma once
// What outlives a restart, as plain values: what the engine gives to a store and takes back from
// it.

#include "core/engine_types.hpp"

#include <cstdint>
#include <optional>

namespace wixtokend::core {

/// What has to be waited out, because the upstream said so.
struct saved_trouble {
  failure why;
  instant at{};                             ///< when it happened
  std::uint16_t blocked = 0;                ///< refusals of the instance in a row; 0: not blocked
  instant negative_until = instant::min();  ///< callers get the remembered refusal
  instant not_before = instant::min();      ///< no attempt of any kind
  instant background_at = never;            ///< the next attempt by itself

  friend bool operator==(saved_trouble const&, saved_trouble const&) = default;
};

/// The upstream is said to have removed the instance; it is believed once its mints say so, too.
struct saved_removal {
  instant announced_at{};
  std::optional<instant> confirmed_at;  ///< the first mint that said so

  friend bool operator==(saved_removal const&, saved_removal const&) = default;
};

/// Everything of an instance but the secrets of its grant.
struct saved_instance {
  instance_key key;
  bool registered = false;  ///< as opposed to created on demand
  grant how = grant::client_credentials;
  generation_number generation = 0;  ///< of the last token that it had; 0: none
  minted token;                      ///< empty token: there is none to be used
  instant refresh_at{};              ///< with a token: the instant that was drawn for it
  std::optional<instant> last_used;
  std::optional<saved_trouble> trouble;
  std::optional<saved_removal> removal;
};

/// How the upstream treated an app: its rate, and what it is kept waiting for.
struct saved_app {
  app_number app{};
  double rate = 0;  ///< requests per second that it lets through; 0: nothing was learnt
  instant paused_until = instant::min();
  unsigned breaker_openings = 0;  ///< in a row; 0: closed
  instant breaker_until = instant::min();
  unsigned refusals = 0;              ///< of the app as a whole, in a row; 0: it is not refused
  bool suspected = false;             ///< the upstream did not say so
  failure refusal;                    ///< why, with `refusals`
  instant probe_at = instant::min();  ///< of the refused app

  friend bool operator==(saved_app const&, saved_app const&) = default;
};

}  // namespace wixtokend::core
