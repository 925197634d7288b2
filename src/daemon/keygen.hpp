#pragma once
// Makes the text of a key file, with which a store is sealed.

#include <string>

namespace wixtokend::daemon {

/// Makes one new key.
///
/// @param file  Created with mode 0600, and on the disk for good when this returns; it must not
///              exist, so that no key is ever overwritten. Empty: standard output.
/// Throws `startup_error` (`cannot_create`, `system_error`); no file is left then.
void make_key(std::string const& file);

}  // namespace wixtokend::daemon
