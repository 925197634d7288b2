// Any body of a webhook, and any payload behind a right signature: never a crash, never an
// installation without an instance, nothing accepted that the key did not sign. Any public key.
#include "support/fuzzing.hpp"
#include "wix/webhook.hpp"
#include "wix/webhook_claims.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

constexpr std::string_view our_app = "11111111-1111-4111-8111-111111111111";

// The private key is forgotten: what it signed is the seed `signed`, and nothing else.
constexpr std::string_view public_pem = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqO1dycBsVeQwl41bv4Cw
wEMBArED/4Jity6p54ZJnyRjf6v5Uq53CIBGNqfxuXhWdkox9y6JyR+/4RMq/AiT
66sJ6WYFKrdH75X4wWpdwijZbKiOpQOgvaXZiAcNdKmRr7vIb16NsVZ+2XAhl74G
pddvkO8rK6P5PIwXRtRaQXD3gKiiB4HFR+AzeOfY9wRDtqOaRSbB9k6NJZO9rWAa
N32peHcGduP+c+z50c6O4IsJ1Py0Tn2QWdUbw7hqdxkZMqxMT0ybchJAXwJ4WG7w
2h17psKSqyQtQhDFTCqCyDnGHC7HDrZ70T02DEvXsFclmOS21UOZ61dB2OcUJ+xs
PwIDAQAB
-----END PUBLIC KEY-----)";

void check(service::webhook const& read) {
  require(read.event == service::webhook_event::other || read.instance != instance_id{});
}

wix::webhook_verifier make_verifier() {
  wix::webhook_settings settings;
  settings.app_id = our_app;
  settings.key = wix::parse_public_key(public_pem).value();
  return wix::webhook_verifier{std::move(settings)};
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static auto const verifier = make_verifier();
  auto const bytes = test::as_text(data, size);

  wall_time const now{std::chrono::seconds{1'667'724'577}};
  auto const verified = verifier.verify(bytes, now);
  if (auto const* const read = std::get_if<service::webhook>(&verified)) {
    check(*read);
    require(read->instance.to_string() == "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55");
  }
  auto const claims = wix::read_webhook_claims(bytes, our_app);
  if (auto const* const read = std::get_if<wix::webhook_claims>(&claims)) check(read->content);
  // What the check of a sound key costs is the same each time: short keys end before it.
  if (size < 300) static_cast<void>(wix::parse_public_key(bytes));
  return 0;
}
