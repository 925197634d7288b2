#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace wixtokend::test {
namespace {

using service::webhook_event;
using service::webhook_refusal;

service::webhook webhook_of(webhook_event event) {
  return {event, instance_id::parse(sample_id).value()};
}

http::response send_webhook(api_world& w, std::string const& path = "/v1/webhooks") {
  return w.request("POST", path, "Content-Type: text/plain\r\n", "eyJ.a.jwt");
}

}  // namespace

TEST_SUITE("api.webhook_handlers") {
  TEST_CASE("an installation is registered, and on disk before the answer") {
    durable_api_world w;
    w.disk.latency = 20ms;
    w.verifier.says = webhook_of(webhook_event::installed);
    auto& client = w.connect();
    client.send(request_text("POST", "/v1/webhooks", "", "eyJ.a.jwt"));
    w.time.advance(1ms);
    CHECK(client.received().empty());
    w.time.advance(60ms);
    auto const answer = client.take();
    CHECK(answer.status == 200);
    CHECK(answer.body == "{}");
    CHECK(w.disk.rows.size() == 1);
    CHECK(w.verifier.seen == "eyJ.a.jwt");
    CHECK(w.verifier.seen_at <= w.time.wall_now());
    CHECK(w.verifier.seen_at > wall_time{});
    CHECK(member_of(w.get(instance_path()), "registered") == "true");
  }

  TEST_CASE("a removal is acknowledged, and the instance stays until the upstream confirms it") {
    durable_api_world w;
    w.verifier.says = webhook_of(webhook_event::installed);
    send_webhook(w);
    CHECK(member_of(w.get(instance_path()), "removal_announced_at") == "null");
    w.verifier.says = webhook_of(webhook_event::removed);
    w.issuer.latency = 1s;
    CHECK(send_webhook(w).status == 200);
    CHECK(w.get(instance_path()).status == 200);
    CHECK(member_of(w.get(instance_path()), "removal_announced_at") == "1767225600");
    w.time.advance(1h);  // it still gets tokens
    CHECK(member_of(w.get(instance_path()), "removal_announced_at") == "null");
  }

  TEST_CASE("a webhook of no concern is acknowledged") {
    api_world w;
    w.verifier.says = service::webhook{};
    CHECK(send_webhook(w).status == 200);
    CHECK(w.engine.size() == 0);
  }

  TEST_CASE("each refusal has its own code, and changes nothing") {
    api_world w;
    for (auto const& [refusal, code] :
         {std::pair{webhook_refusal::malformed, "400 invalid_webhook"},
          {webhook_refusal::bad_signature, "400 webhook_signature"},
          {webhook_refusal::expired, "400 webhook_expired"},
          {webhook_refusal::other_app, "400 webhook_other_app"},
          {webhook_refusal::not_configured, "409 webhooks_not_configured"}}) {
      w.verifier.says = refusal;
      CHECK(error_of(send_webhook(w)) == code);
    }
    CHECK(w.engine.size() == 0);
  }

  TEST_CASE("webhooks of an app go to its path; an app without a key has none") {
    api_world w;
    CHECK(send_webhook(w, "/v1/apps/main/webhooks").status == 200);
    CHECK(error_of(send_webhook(w, "/v1/apps/blog/webhooks")) == "409 webhooks_not_configured");
    CHECK(error_of(send_webhook(w, "/v1/apps/none/webhooks")) == "404 unknown_app");
    CHECK(error_of(w.get("/v1/webhooks")) == "405 method_not_allowed");
  }

  TEST_CASE("a webhook needs the role register") {
    api_world w;
    auto& client = w.connect(1000, static_cast<core::role_set>(core::role::read));
    client.send(request_text("POST", "/v1/webhooks", "", "eyJ"));
    CHECK(error_of(client.take()) == "403 access_denied");
    CHECK(w.verifier.seen.empty());
  }

  TEST_CASE("a disk that fails or is slow gives 503 within a second, so that Wix sends it again") {
    durable_api_world w;
    w.verifier.says = webhook_of(webhook_event::installed);
    w.disk.fails = true;
    CHECK(error_of(send_webhook(w)) == "503 store_failed");
    w.disk.fails = false;
    w.disk.latency = 1h;
    auto& client = w.connect();
    client.send(request_text("POST", "/v1/webhooks", "", "eyJ"));
    w.time.advance(999ms);
    CHECK(client.received().empty());
    w.time.advance(1ms);
    CHECK(error_of(client.take()) == "503 store_failed");
    w.disk.latency = 0s;
    w.time.advance(1h);
  }
}

}  // namespace wixtokend::test
