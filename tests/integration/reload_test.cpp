// A reload of the running daemon: by SIGHUP, and by a changed secret file.

#include "integration/world.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>

using namespace wixtokend::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

json::value status_of(world& w) {
  return parse(w.call("GET", "/v1/status"));
}

// Waits until a reload has ended.
json::value reloaded(world& w) {
  json::value outcome;
  REQUIRE_MESSAGE(eventually([&] {
                    outcome = member(status_of(w), "reload");
                    return outcome.is_object();
                  }),
                  w.daemon().errors());
  return outcome;
}

bool logged(world& w, std::string const& text) {
  return eventually([&] { return w.daemon().errors().find(text) != std::string::npos; });
}

constexpr auto new_secret = "another-fake-secret-of-the-tests";

}  // namespace

TEST_SUITE("integration.reload") {
  TEST_CASE("SIGHUP puts another configuration in force, and costs nobody a token") {
    world w;
    auto const before = number_of(w.warm_token(1), "generation");
    CHECK(member(status_of(w), "reload").is_null());
    w.set_app_settings("on_demand = false");
    w.add_instance(7);
    w.write_config();
    w.daemon().signal(SIGHUP);
    CHECK(member(reloaded(w), "good").as_bool());
    CHECK(number_of(w.warm_token(1), "generation") == before);
    CHECK(w.token(2).status == 404);
    CHECK(w.view(7).as_object().contains("state"));
  }

  TEST_CASE("a bad configuration is refused, with the reason, and the one before stays") {
    world w;
    w.warm_token(1);
    w.set_app_settings("on_demand = fals");
    w.write_config();
    w.daemon().signal(SIGHUP);
    auto const outcome = reloaded(w);
    CHECK_FALSE(member(outcome, "good").as_bool());
    CHECK_MESSAGE(text(outcome, "reason").find("wixtokend.toml:") != std::string::npos,
                  text(outcome, "reason"));
    CHECK(logged(w, "reload_refused"));
    CHECK(w.token(2).status == 200);

    w.set_app_settings("in_flight_max = 3");
    w.write_config();
    w.daemon().signal(SIGHUP);
    CHECK(logged(w, "needs a restart: app.main.in_flight_max"));

    w.set_app_settings("on_demand = false");
    w.write_config();
    w.daemon().signal(SIGHUP);
    REQUIRE(eventually([&] { return member(reloaded(w), "good").as_bool(); }));
    CHECK(w.token(3).status == 404);
  }

  TEST_CASE("a secret file that is replaced is taken, tried, and in force") {
    world w;
    w.remember_secret(new_secret);
    w.warm_token(1);
    auto const fresh = w.folder().write("secret.tmp", std::string{new_secret} + "\n");
    w.control("PUT", "secret", new_secret);
    fs::rename(fresh, w.folder().path("daemon-secret"));
    CHECK(member(reloaded(w), "good").as_bool());
    w.warm_token(2);
    CHECK(logged(w, "app_secret_replaced"));
  }

  TEST_CASE("a wrong secret in the file leaves the one before in force") {
    world w;
    w.remember_secret(new_secret);
    w.warm_token(1);
    w.folder().write("daemon-secret", std::string{new_secret} + "\n");
    CHECK(member(reloaded(w), "good").as_bool());
    w.warm_token(2);
    CHECK(logged(w, "app_secret_refused"));
    w.warm_token(3);
    CHECK(member(w.app_status(), "refused").as_bool() == false);
  }

  TEST_CASE("an app that is refused recovers as soon as its new secret is there") {
    world w;
    w.remember_secret(new_secret);
    w.warm_token(1);
    w.control("PUT", "secret", new_secret);
    CHECK(w.token(2, "?wait=1").status == 502);
    w.folder().write("daemon-secret", std::string{new_secret} + "\n");
    CHECK(member(reloaded(w), "good").as_bool());
    w.warm_token(2);
    CHECK(logged(w, "app_secret_replaced"));
  }

  TEST_CASE("links that Kubernetes swaps lead to the new secret") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.remember_secret(new_secret);
    fs::create_directory(w.folder().path("..1"));
    fs::create_directory(w.folder().path("..2"));
    w.folder().write("..1/secret", std::string{app_secret} + "\n");
    w.folder().write("..2/secret", std::string{new_secret} + "\n");
    fs::remove(w.folder().path("daemon-secret"));
    fs::create_symlink("..1", w.folder().path("..data"));
    fs::create_symlink("..data/secret", w.folder().path("daemon-secret"));
    w.start_daemon();
    w.warm_token(1);
    w.control("PUT", "secret", new_secret);
    fs::create_symlink("..2", w.folder().path("..data_tmp"));
    fs::rename(w.folder().path("..data_tmp"), w.folder().path("..data"));
    CHECK(member(reloaded(w), "good").as_bool());
    w.warm_token(2);
  }
}
