#pragma once
// Which of two app secrets a call proves itself with, while one replaces the other.

#include "base/secret.hpp"

#include <cstdint>

namespace wixtokend::wix {

/// The secret in force and, after a change, another one on trial: one call tries it, and it takes
/// the place of the first when the upstream has accepted it. When the upstream refuses the one in
/// force, the other has its turn again. Pure; belongs to one thread.
class secret_choice {
 public:
  explicit secret_choice(secret first) : in_force_{std::move(first)} {}

  /// There is another secret from now on; the one in force again ends a trial.
  void offer(secret fresh);

  /// A secret for one call.
  struct chosen {
    secret value;
    std::uint64_t trial = 0;  ///< 0: it is the one in force
  };
  /// Its answer must be told.
  [[nodiscard]] chosen choose();

  /// What the upstream's answer to a call says of the secret.
  enum class answer : std::uint8_t { accepted, refused, nothing };
  /// What follows from it.
  enum class verdict : std::uint8_t {
    none,
    replaced,  ///< the one on trial is in force now
    kept,      ///< the one on trial is refused; the one in force has not been
    unusable,  ///< both are refused
  };
  verdict told(std::uint64_t trial, answer said);

 private:
  secret in_force_;
  secret other_;  ///< empty: none
  std::uint64_t trials_ = 0;
  bool try_other_ = false;
  bool in_force_refused_ = false;  ///< by the last answer that told
};

}  // namespace wixtokend::wix
