#pragma once
// The results as tables for people and as CSV for plots.

#include "sim/load/experiments.hpp"

#include <filesystem>
#include <ostream>
#include <vector>

namespace wixtokend::sim::load {

struct results {
  std::vector<mass_start_result> mass_starts;
  std::vector<outage_row> outages;
  std::vector<price_row> prices;
};

void print(std::ostream& out, fleet const& all, results const& found);

/// Writes mass_start.csv, mass_start_series.csv, outages.csv and price.csv, as far as there is
/// something to write. Throws if it cannot.
void write_csv(std::filesystem::path const& folder, fleet const& all, results const& found);

}  // namespace wixtokend::sim::load
