// Two apps on one daemon, which have nothing in common but its sockets.

#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

using namespace wixtokend::test;

namespace {

constexpr auto blog_id = "66666666-2222-4333-8444-555555555555";
constexpr auto blog_secret = "fake-secret-of-the-other-app-0123456789";

// The second app is called "blog".
class two_apps {
 public:
  explicit two_apps(std::string const& more = {}) : w_{options(folder_)} {
    w_.remember_secret(blog_secret);
    for (std::string const app : {app_id, blog_id}) {
      w_.folder().write("key-" + app, w_.control_text("GET", "webhook-key?form=pem&app=" + app));
    }
    w_.set_app_settings("webhook_public_key_file = \"key-" + std::string{app_id} + "\"");
    w_.add_settings("[[app]]\nname = \"blog\"\napp_id = \"" + std::string{blog_id} +
                    "\"\napp_secret_file = \"" + folder_.path("blog-secret") +
                    "\"\nbase_url = \"https://localhost:" + std::to_string(w_.https_port()) +
                    "\"\nca_file = \"ca.pem\"\nwebhook_public_key_file = \"key-" + blog_id +
                    "\"\n\n" + more);
    w_.start_daemon();
  }

  world& inside() { return w_; }

  raw_response blog_token(unsigned instance, std::string const& query = "?wait=20") {
    auto answer = w_.call("GET", blog_path(instance) + "/token" + query);
    if (answer.status == 200) w_.remember_secret(text(parse(answer), "access_token"));
    return answer;
  }

  static std::string blog_path(unsigned instance) {
    return "/v1/apps/blog/instances/" + instance_text(instance);
  }

  raw_response dropin(std::string const& client_id, unsigned instance) {
    return w_.call("POST", "/oauth2/token",
                   R"({"grant_type":"client_credentials","client_id":")" + client_id +
                       R"(","instance_id":")" + instance_text(instance) + "\"}",
                   "Content-Type: application/json\r\n");
  }

 private:
  static world_options options(temporary_folder const& folder) {
    world_options out;
    out.start_daemon = false;
    out.emulator_arguments = {
        "--app", std::string{blog_id} + ":" + folder.write("blog-secret", blog_secret)};
    return out;
  }

  temporary_folder folder_;
  world w_;
};

}  // namespace

TEST_SUITE("integration.apps") {
  TEST_CASE("one instance of two apps has two tokens, each had with its app's own secret") {
    two_apps two;
    auto& w = two.inside();
    auto const mine = text(w.warm_token(1), "access_token");
    auto const theirs = text(parse(two.blog_token(1)), "access_token");
    CHECK(mine != theirs);
    CHECK(text(parse(two.dropin(app_id, 1)), "access_token") == mine);
    CHECK(text(parse(two.dropin(blog_id, 1)), "access_token") == theirs);
    CHECK(w.mints() == 2);
    REQUIRE(w.call("DELETE", two_apps::blog_path(1)).status == 204);
    CHECK(text(w.warm_token(1), "access_token") == mine);
    CHECK(w.call("GET", "/v1/apps/blog/instances").body.find(instance_text(1)) ==
          std::string::npos);
  }

  TEST_CASE("one app that is refused or throttled takes nothing from the other") {
    two_apps two;
    auto& w = two.inside();
    SUBCASE("refused") {
      w.control("PUT", "secret?app=" + std::string{blog_id}, "another-fake-secret");
      CHECK(text(parse(two.blog_token(1)), "error") == "app_refused");
      auto const ready = w.call("GET", "/readyz");
      CHECK(ready.status == 503);
      CHECK(ready.body.find("Wix refuses the id or secret of app blog") != std::string::npos);
      CHECK(ready.body.find("app main") == std::string::npos);
    }
    SUBCASE("throttled") {
      w.script(R"({"route":"token","kind":"error","status":429,"retry_after":60,"app":")" +
               std::string{blog_id} + "\"}");
      for (unsigned n = 1; n <= 3; ++n) CHECK(two.blog_token(n, "?wait=1").status == 503);
      auto const apps = member(parse(w.call("GET", "/v1/status")), "apps").as_array();
      REQUIRE(apps.size() == 2);
      CHECK(number_of(apps[0], "paused_seconds") == 0);
      CHECK(number_of(apps[1], "paused_seconds") > 0);
      auto const rate = [&](std::size_t app) {
        return member(apps[app], "rate").to_number<double>();
      };
      CHECK(rate(0) == 50);
      CHECK(rate(1) < 50);
    }
    for (unsigned n = 1; n <= 10; ++n) w.warm_token(n);
  }

  TEST_CASE("each app has its own key for webhooks") {
    two_apps two;
    auto& w = two.inside();
    auto const webhook = [&](std::string const& app) {
      return w.control_text("POST", "webhooks?as=jwt",
                            R"({"event":"AppInstalled","app":")" + app + R"(","instance":")" +
                                instance_text(5) + "\"}");
    };
    auto const deliver = [&](std::string const& path, std::string const& jwt) {
      return w.call("POST", path, jwt, "Content-Type: text/plain\r\n").status;
    };
    CHECK(deliver("/v1/webhooks", webhook(blog_id)) == 400);
    CHECK(deliver("/v1/apps/blog/webhooks", webhook(app_id)) == 400);
    CHECK(deliver("/v1/apps/blog/webhooks", webhook(blog_id)) == 200);
    CHECK(w.call("GET", two_apps::blog_path(5)).status == 200);
    CHECK(w.call("GET", instance_path(5)).status == 404);
  }

  TEST_CASE("a policy for one app gives nothing of the other") {
    two_apps two{"[[access]]\nuid = " + std::to_string(::geteuid()) +
                 "\nroles = [\"read\", \"manage\"]\napps = [\"blog\"]\n"};
    auto& w = two.inside();
    CHECK(two.blog_token(1).status == 200);
    CHECK(w.token(1).status == 403);
    CHECK(two.dropin(blog_id, 1).status == 200);
    CHECK(two.dropin(app_id, 1).status == 403);
    CHECK(w.call("GET", "/v1/apps/blog/instances").status == 200);
    CHECK(w.call("GET", "/v1/instances").status == 403);
    CHECK(w.mints() == 1);
  }
}
