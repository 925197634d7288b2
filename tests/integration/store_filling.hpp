#pragma once
// Writes a world's store as an earlier daemon would have left it.

#include "integration/world.hpp"
#include "service/state_store.hpp"

#include <functional>

namespace wixtokend::test {

/// The state of the instance with that number, at the present moment.
using instance_maker = std::function<service::instance_change(unsigned number, instant now)>;

/// Writes the instances 1 to `count`. Between `add_store` and the daemon's first start. Fails the
/// test if they cannot be written.
void fill_store(world& w, unsigned count, instance_maker const& make);

/// A registered instance with a token that is good for four hours from `now`.
service::instance_change warm_instance(unsigned number, std::string const& token, instant now);

}  // namespace wixtokend::test
