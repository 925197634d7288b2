#pragma once
// Why JSON that a user of the control API sent was refused.

#include <boost/system/result.hpp>

#include <string>

namespace wixtokend::emulator {

/// A sentence for the user that names the member at fault.
struct bad_json {
  std::string why;
};

/// A value, or why there is none.
template <class T>
using parsed = boost::system::result<T, bad_json>;

}  // namespace wixtokend::emulator
