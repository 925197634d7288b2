#pragma once
// What the engine's costs are held against, and what the measurements of both share.

#include "base/instance_id.hpp"
#include "base/secret.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace wixtokend::bench {

/// Ends the measurement: an event was lost.
[[noreturn]] void wrong(std::string const& what);

/// The keys of so many instances; random, as the ids of installations are.
std::vector<instance_key> keys_of(std::size_t count);

/// A million of them drawn at random, in the order in which they are asked for, so that reading
/// the list costs next to nothing.
std::vector<instance_key> questions(std::vector<instance_key> const& keys);

/// A token of 1,200 bytes, different from all before: the same bytes again would be no new token.
secret new_token();

/// The median over the rounds of the nanoseconds that an event took.
/// @param round  @returns how many events it was.
double nanoseconds(std::size_t rounds, std::function<std::size_t()> const& round);

/// What any table pays for a hit: a random bucket of a flat hash and a random row of 128 bytes.
double floor_cost(std::vector<instance_key> const& keys, std::vector<instance_key> const& asked,
                  std::size_t rounds);

/// What the replacement of a random token's bytes costs: allocation, copy and wiping.
double token_cost(std::size_t count, std::size_t rounds);

/// What a refresh costs with the containers at hand and no policy at all: std::multimap for what is
/// due first, std::unordered_map for the rows, and the same tokens.
double multimap_cost(std::vector<instance_key> const& keys, std::size_t events, std::size_t rounds);

}  // namespace wixtokend::bench
