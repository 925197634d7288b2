#include "wix/secret_choice.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using wix::secret_choice;
using answer = secret_choice::answer;
using verdict = secret_choice::verdict;

namespace {

// One call: @returns what follows from it, if the upstream says `said` of `expected`.
verdict call(secret_choice& secrets, std::string_view expected, answer said) {
  auto const chosen = secrets.choose();
  CHECK(chosen.value == secret{expected});
  return secrets.told(chosen.trial, said);
}

}  // namespace

TEST_SUITE("wix.secret_choice") {
  TEST_CASE("a new secret is tried by one call, and in force when that was accepted") {
    secret_choice secrets{secret{"old"}};
    CHECK(call(secrets, "old", answer::accepted) == verdict::none);
    secrets.offer(secret{"new"});
    auto const trial = secrets.choose();
    CHECK(trial.value == secret{"new"});
    CHECK(call(secrets, "old", answer::accepted) == verdict::none);
    CHECK(secrets.told(trial.trial, answer::accepted) == verdict::replaced);
    CHECK(call(secrets, "new", answer::accepted) == verdict::none);
  }

  TEST_CASE("an answer that says nothing of the secret leaves the trial to the next call") {
    secret_choice secrets{secret{"old"}};
    secrets.offer(secret{"new"});
    CHECK(call(secrets, "new", answer::nothing) == verdict::none);
    CHECK(call(secrets, "new", answer::accepted) == verdict::replaced);
  }

  TEST_CASE("a refused new secret leaves the old one in force, until that is refused, too") {
    secret_choice secrets{secret{"old"}};
    secrets.offer(secret{"new"});
    CHECK(call(secrets, "new", answer::refused) == verdict::kept);
    CHECK(call(secrets, "old", answer::accepted) == verdict::none);
    CHECK(call(secrets, "old", answer::refused) == verdict::none);
    CHECK(call(secrets, "new", answer::accepted) == verdict::replaced);
  }

  TEST_CASE("while both are refused they take turns") {
    secret_choice secrets{secret{"old"}};
    secrets.offer(secret{"new"});
    CHECK(call(secrets, "new", answer::refused) == verdict::kept);
    for (int i = 0; i < 3; ++i) {
      CHECK(call(secrets, "old", answer::refused) == verdict::none);
      CHECK(call(secrets, "new", answer::refused) == verdict::unusable);
    }
  }

  TEST_CASE("the old secret back in its file ends the trial") {
    secret_choice secrets{secret{"old"}};
    secrets.offer(secret{"new"});
    auto const trial = secrets.choose();
    secrets.offer(secret{"old"});
    CHECK(secrets.told(trial.trial, answer::accepted) == verdict::none);
    CHECK(call(secrets, "old", answer::refused) == verdict::none);
    CHECK(call(secrets, "old", answer::accepted) == verdict::none);
  }

  TEST_CASE("a third secret replaces the one on trial") {
    secret_choice secrets{secret{"old"}};
    secrets.offer(secret{"new"});
    auto const trial = secrets.choose();
    secrets.offer(secret{"newer"});
    CHECK(secrets.told(trial.trial, answer::accepted) == verdict::none);
    CHECK(call(secrets, "newer", answer::accepted) == verdict::replaced);
    CHECK(call(secrets, "newer", answer::accepted) == verdict::none);
  }
}
