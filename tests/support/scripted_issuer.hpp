#pragma once
// An upstream that does what a test tells it to.

#include "async/time_source.hpp"
#include "service/ports.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wixtokend::test {

/// Issues `token-1`, `token-2`, … unless it is told to fail or to hang.
class scripted_issuer final : public service::token_source {
 public:
  explicit scripted_issuer(time_source& time) noexcept : time_{time} {}

  std::chrono::nanoseconds life = std::chrono::hours{4};
  std::chrono::nanoseconds latency{0};
  std::optional<core::failure> fails;    ///< every mint, while it is set
  std::deque<core::failure> fails_next;  ///< the next mints, one each
  bool hang = false;                     ///< never answers by itself; 10 s end it
  std::optional<core::failure> info_fails;
  std::map<std::string, std::string> exchanges;  ///< codes, and the refresh tokens they become
  std::optional<std::string> rotates_to;         ///< the refresh token that comes back, if another
  std::vector<core::grant> grants;               ///< of each mint, in order

  std::optional<std::chrono::seconds> offset;  ///< of the local clock, ahead of its own

  std::map<std::string, instance_id, std::less<>> named;  ///< what tokens say they are for

  unsigned calls = 0;
  unsigned info_calls = 0;
  unsigned under_way = 0;
  unsigned most_under_way = 0;
  std::map<instance_id, unsigned> calls_of;

  task<std::variant<core::minted, core::failure>> mint(service::mint_request request) override {
    ++calls;
    ++calls_of[request.instance];
    grants.push_back(request.how);
    auto const credential = std::string{request.credential.reveal()};
    presence const here{*this};
    auto const sent = time_.now();
    auto const token = "token-" + std::to_string(calls);
    co_await time_.sleep_until(sent + (hang ? std::chrono::seconds{10} : latency));
    if (hang) co_return failure_of(core::failure_class::transient, "timeout");
    if (!fails_next.empty()) {
      auto failure = std::move(fails_next.front());
      fails_next.pop_front();
      co_return failure;
    }
    if (fails) co_return *fails;
    core::minted issued;
    if (request.how == core::grant::authorization_code) {
      auto const known = exchanges.find(credential);
      if (known == exchanges.end()) {
        co_return failure_of(core::failure_class::instance_blocked, "invalid_token");
      }
      issued.refresh_token = secret{known->second};
      exchanges.erase(known);  // a code is good for once
    } else if (request.how == core::grant::refresh_token) {
      issued.refresh_token = secret{rotates_to.value_or(credential)};
    }
    issued.token = secret{token};
    named[token] = request.instance;
    issued.sent = sent;
    issued.expires_at = sent + life;
    co_return issued;
  }

  task<std::variant<service::token_info, core::failure>> info(secret token) override {
    ++info_calls;
    if (latency.count() > 0) co_await time_.sleep_until(time_.now() + latency);
    if (info_fails) co_return *info_fails;
    service::token_info known;
    known.active = true;
    known.subject_type = "APP";
    known.subject_id = std::string{token.reveal()};
    known.client_id = "app";
    if (auto const instance = named_in(token)) known.instance = instance->to_string();
    co_return known;
  }

  [[nodiscard]] std::optional<instance_id> named_in(secret const& token) const override {
    auto const found = named.find(token.reveal());
    return found == named.end() ? std::nullopt : std::optional{found->second};
  }

  [[nodiscard]] std::optional<std::chrono::seconds> last_clock_offset() const noexcept override {
    return offset;
  }

  static core::failure failure_of(core::failure_class kind, std::string code) {
    core::failure failure;
    failure.kind = kind;
    failure.status = 500;
    failure.code = std::move(code);
    failure.message = "scripted";
    failure.request_id = "request-7";
    return failure;
  }

 private:
  struct presence {
    explicit presence(scripted_issuer& of) : issuer{of} {
      issuer.most_under_way = std::max(issuer.most_under_way, ++issuer.under_way);
    }
    presence(presence const&) = delete;
    presence& operator=(presence const&) = delete;
    ~presence() { --issuer.under_way; }
    scripted_issuer& issuer;
  };

  time_source& time_;
};

}  // namespace wixtokend::test
