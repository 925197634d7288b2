#pragma once
// Tokens and answers in the shapes that Wix uses, for the tests of what reads them.

#include "base/base64url.hpp"
#include "base/instance_id.hpp"
#include "wix/oauth.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wixtokend::test {

inline constexpr std::string_view sample_instance = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";
inline constexpr std::string_view other_instance = "7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310";
inline constexpr std::string_view sample_secret = "5e0b2f8c-71aa-4e1f-b06d-3c9f64d1a7e2";

/// The moment of all samples, by the upstream's clock: Sun, 06 Nov 2022 08:49:37 GMT.
inline constexpr std::int64_t sample_now = 1667724577;
inline constexpr std::string_view sample_date = "Sun, 06 Nov 2022 08:49:37 GMT";

/// A token around any payload (docs/upstream.md U-36, U-38). The signature is made up.
inline std::string token_with_payload(std::string_view payload) {
  return "OauthNG.JWS." + base64url_encode(R"({"kid":"k1","alg":"HS256"})") + "." +
         base64url_encode(payload) + ".bm90LWEtcmVhbC1zaWduYXR1cmU";
}

/// A token as U-39 and U-40 describe it.
inline std::string sample_token(std::string_view instance, std::int64_t issued_at,
                                std::int64_t expires_at) {
  return token_with_payload(R"({"data":"{\"instance\":{\"instanceId\":\")" + std::string{instance} +
                            R"(\",\"appDefId\":\"a\"}}","iat":)" + std::to_string(issued_at) +
                            R"(,"exp":)" + std::to_string(expires_at) + "}");
}

/// An answer that was sent at the boot clock's 1000 s, took 200 ms, and came at `sample_now`.
inline wix::timed_reply sample_reply(unsigned status, std::string body) {
  using namespace std::chrono_literals;
  wix::timed_reply reply;
  reply.message.status = status;
  reply.message.body = std::move(body);
  reply.sent = instant{1000s};
  reply.received = instant{1000s} + 200ms;
  reply.received_wall = wall_time{std::chrono::seconds{sample_now}};
  return reply;
}

/// The body of a successful mint; `expires_in` is JSON, empty for none.
inline std::string mint_answer(std::string_view token, std::string_view expires_in = "14400") {
  std::string body = R"({"access_token":")" + std::string{token} + R"(","token_type":"Bearer")";
  if (!expires_in.empty()) body.append(R"(,"expires_in":)").append(expires_in);
  return body + "}";
}

}  // namespace wixtokend::test
