#pragma once
// What is in a store, in a few lines for people.

#include "base/secret.hpp"
#include "store/store_report.hpp"

#include <string>

namespace wixtokend::daemon {

/// The figures of a store that is sound; of any other the problems, one a line that begins with
/// `problem: `.
/// @param keys  The text of the key file: its first key is marked, so that one sees when a rotation
///              is complete.
[[nodiscard]] std::string to_text(std::string const& file, store::store_report const& report,
                                  secret const& keys);

}  // namespace wixtokend::daemon
