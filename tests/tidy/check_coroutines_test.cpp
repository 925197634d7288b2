#include "tidy/checks.hpp"

#include <doctest/doctest.h>

namespace wixtokend::tidy {
namespace {

bool is_trap(std::string_view statement, std::string path = "src/net/pool.cpp") {
  auto const text =
      "task<> f() {\n  int a = 0;\n  " + std::string{statement} + "\n  int b = 0;\n}\n";
  return !check_coroutines(make_source_file(std::move(path), text)).empty();
}

TEST_SUITE("tidy.check_coroutines") {
  TEST_CASE("an aggregate that is created in a statement with co_await is a trap") {
    CHECK(is_trap("co_await f(point{1, 2});"));
    CHECK(is_trap("co_await f({1, 2});"));
    CHECK(is_trap("co_await f(a, {1, 2});"));
    CHECK(is_trap("auto const x = co_await f(point{.x = 1});"));
    CHECK(is_trap("auto const x = co_await f(g(point{1, 2}));"));
    CHECK(is_trap("auto const x = h(point{1, 2}) + co_await k();"));
    CHECK(is_trap("auto const x = h(point{1, 2}, co_await k());"));
    CHECK(is_trap("auto const x = h(co_await k(), point{1, 2});"));
    CHECK(is_trap("auto const x = h(g(co_await k()), point{1, 2});"));
    CHECK(is_trap("if (co_await f(point{1, 2})) return;"));
    CHECK(is_trap("co_await f(list<int>{1, 2});"));
    CHECK(is_trap("co_await f(point{std::string{a}});"));
    CHECK(is_trap("co_await f(\n      point{1, 2},\n      token);"));
  }

  TEST_CASE("an aggregate made from what was awaited is a trap") {
    CHECK(is_trap("co_return point{co_await f(), 1};"));
    CHECK(is_trap("auto const p = point{1, co_await f()};"));
    CHECK(is_trap("use(point{1, co_await f()});"));
  }

  TEST_CASE("awaiting one of two is a trap, choosing between two awaits is not") {
    CHECK(is_trap("auto const x = co_await (c ? f() : g());"));
    CHECK(is_trap("co_await (h(1) && c ? f(2) : g());"));
    CHECK_FALSE(is_trap("auto const x = c ? co_await f() : co_await g();"));
    CHECK_FALSE(is_trap("co_await (f(c ? 1 : 2) || g());"));
    CHECK_FALSE(is_trap("co_await f(c ? 1 : 2);"));
  }

  TEST_CASE("a lambda in a statement with co_await is a trap") {
    CHECK(is_trap("co_await f([s] { return s; });"));
    CHECK(is_trap("co_await co_spawn(e, [s]() -> task<> { co_await g(s); }, token);"));
    CHECK(is_trap("co_await [s]() -> task<> { co_return; }();"));
  }

  TEST_CASE("named objects, blocks and statements without co_await are none") {
    CHECK_FALSE(is_trap("auto p = point{1, 2}; co_await f(std::move(p));"));
    CHECK_FALSE(is_trap("auto operation = f(point{1, 2}); co_await std::move(operation);"));
    CHECK_FALSE(is_trap("if (co_await f()) { g(); }"));
    CHECK_FALSE(is_trap("if (auto const x = co_await f(); x) { g(point{1, 2}); } else { h(); }"));
    CHECK_FALSE(is_trap("if (co_await f()) co_return point{1, 2};"));
    CHECK_FALSE(is_trap("for (;;) { co_await f(); }"));
    CHECK_FALSE(is_trap("while (true) { auto x = co_await f(); use({x}); }"));
    CHECK_FALSE(is_trap("try { co_await f(); } catch (error const& e) { g({1}); }"));
    CHECK_FALSE(is_trap("do { co_await f(); } while (g({1}));"));
    CHECK_FALSE(is_trap("auto [ec, n] = co_await f(std::move(s));"));
    CHECK_FALSE(is_trap("for (auto const& x : {1, 2}) { co_await f(x); }"));
    CHECK_FALSE(is_trap("if (a) { g(); } co_await f();"));
    CHECK_FALSE(is_trap("auto const p = point{1, 2};\n  co_await f(p);"));
    CHECK_FALSE(is_trap("co_await (std::move(x) || std::move(y));"));
    CHECK_FALSE(is_trap("// co_await f(point{1, 2});"));
    CHECK_FALSE(is_trap("co_await f(std::span<char>{buffer}, now + std::chrono::seconds{10});"));
  }

  TEST_CASE("the beginning of a body is no aggregate") {
    auto const clean = [](std::string text) {
      return check_coroutines(make_source_file("src/net/a.cpp", std::move(text))).empty();
    };
    CHECK(clean("task<> a::b(int c = 3) const {\n  co_await f();\n}\n"));
    CHECK(clean("auto const run = [](int x) -> task<int> { co_return co_await f(x); };\n"));
    CHECK(clean("task<> a() try { co_await f(); } catch (...) { }\n"));
    CHECK(clean("struct a { task<> b() { co_await f(); } };\n"));
  }

  TEST_CASE("a capturing lambda that is a coroutine is found outside of the tests") {
    static constexpr std::string_view trap = "auto run = [this, n](int x) mutable -> task<> { };";
    CHECK(is_trap(trap));
    CHECK(is_trap("auto run = [&]() -> asio::awaitable<void> { };"));
    CHECK_FALSE(is_trap(trap, "tests/net/pool_test.cpp"));
    CHECK_FALSE(is_trap("auto run = [](int x) -> task<> { };"));
    CHECK_FALSE(is_trap("auto run = [this](int x) -> int { };"));
    CHECK_FALSE(is_trap("auto run(int x) -> task<>;"));
  }
}

}  // namespace
}  // namespace wixtokend::tidy
