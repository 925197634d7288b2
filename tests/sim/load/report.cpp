#include "sim/load/report.hpp"

#include <fstream>
#include <iomanip>
#include <stdexcept>

namespace wixtokend::sim::load {
namespace {

class csv_file {
 public:
  csv_file(std::filesystem::path const& path, std::string_view columns) : out_{path} {
    out_ << columns << '\n';
    if (!out_) throw std::runtime_error{"cannot write " + path.string()};
  }

  template <typename First, typename... Rest>
  void row(First const& first, Rest const&... rest) {
    out_ << first;
    ((out_ << ',' << rest), ...);
    out_ << '\n';
  }

 private:
  std::ofstream out_;
};

void print_mass_starts(std::ostream& out, fleet const& all,
                       std::vector<mass_start_result> const& found) {
  out << "\nMass start: mints/s per lifetime after the fill, over steady " << all.demand() << "/s\n"
      << std::left << std::setw(24) << "contender" << std::setw(12) << "start" << std::right
      << std::setw(9) << "fill s" << std::setw(5) << "life" << std::setw(10) << "mean"
      << std::setw(10) << "peak" << std::setw(12) << "peak/steady" << '\n';
  for (auto const& one : found) {
    for (auto const& row : one.rows) {
      out << std::left << std::setw(24) << row.contender << std::setw(12) << row.start << std::right
          << std::setw(9) << row.fill_seconds << std::setw(5) << row.lifetime << std::setw(10)
          << row.mean << std::setw(10) << row.peak << std::setw(12) << row.peak / all.demand()
          << '\n';
    }
  }
}

void print_outages(std::ostream& out, std::vector<outage_row> const& found) {
  out << "\nOutages: capacity x demand; lapsed %; mean seconds without a usable token per lapse "
         "and "
         "per instance;\nunserved % of questions; callers that waited after the first mint, their "
         "wait p50 and p99;\nfirst request after the end (* while callers waited); requests/s in "
         "the "
         "outage; peak when caught up over steady\n"
      << std::left << std::setw(24) << "contender" << std::right << std::setw(5) << "cap"
      << std::setw(5) << "min" << std::setw(9) << "lapsed%" << std::setw(9) << "dead"
      << std::setw(9) << "dead/all" << std::setw(10) << "unserved%" << std::setw(9) << "waited"
      << std::setw(8) << "p50" << std::setw(8) << "p99" << std::setw(8) << "first" << std::setw(9)
      << "req/s" << std::setw(9) << "echo" << '\n';
  for (auto const& row : found) {
    out << std::left << std::setw(24) << row.contender << std::right << std::setw(5) << row.capacity
        << std::setw(5) << row.minutes << std::setw(9) << row.lapsed * 100 << std::setw(9)
        << row.dead_mean << std::setw(9) << row.dead_all << std::setw(10) << row.unserved * 100
        << std::setw(9) << row.waited << std::setw(8) << row.wait_p50 << std::setw(8)
        << row.wait_p99 << std::setw(7) << row.first_request << (row.callers_waited ? "*" : " ")
        << std::setw(9) << row.requests_in_outage << std::setw(9) << row.echo << '\n';
  }
}

void print_prices(std::ostream& out, std::vector<price_row> const& found) {
  out << "\nPrice: per instance and day, and the peak per second of the fleet\n"
      << std::left << std::setw(24) << "contender" << std::right << std::setw(10) << "mints"
      << std::setw(10) << "requests" << std::setw(10) << "peak" << '\n';
  for (auto const& row : found) {
    out << std::left << std::setw(24) << row.contender << std::right << std::setw(10) << row.mints
        << std::setw(10) << row.requests << std::setw(10) << row.peak << '\n';
  }
}

}  // namespace

void print(std::ostream& out, fleet const& all, results const& found) {
  out << std::setprecision(4) << all.instances << " instances of 4 h life, seed " << all.seed
      << '\n';
  if (!found.mass_starts.empty()) print_mass_starts(out, all, found.mass_starts);
  if (!found.outages.empty()) print_outages(out, found.outages);
  if (!found.prices.empty()) print_prices(out, found.prices);
}

void write_csv(std::filesystem::path const& folder, fleet const& all, results const& found) {
  std::filesystem::create_directories(folder);
  if (!found.mass_starts.empty()) {
    csv_file table{folder / "mass_start.csv",
                   "contender,start,fill_s,lifetime,mean_per_s,peak_per_s,steady_per_s"};
    csv_file series{folder / "mass_start_series.csv", "contender,start,minute,mints_per_s"};
    for (auto const& one : found.mass_starts) {
      for (auto const& row : one.rows) {
        table.row(row.contender, row.start, row.fill_seconds, row.lifetime, row.mean, row.peak,
                  all.demand());
      }
      for (std::size_t i = 0; i < one.series.minutes.size(); ++i) {
        series.row(one.series.contender, one.series.start, i, one.series.minutes[i]);
      }
    }
  }
  if (!found.outages.empty()) {
    csv_file table{folder / "outages.csv",
                   "contender,capacity,outage_min,lapsed_share,dead_s_per_lapse,"
                   "dead_s_per_instance,unserved_share,waited,wait_p50_s,wait_p99_s,"
                   "first_request_s,callers_waited,requests_per_s_in_outage,echo"};
    for (auto const& row : found.outages) {
      table.row(row.contender, row.capacity, row.minutes, row.lapsed, row.dead_mean, row.dead_all,
                row.unserved, row.waited, row.wait_p50, row.wait_p99, row.first_request,
                row.callers_waited, row.requests_in_outage, row.echo);
    }
  }
  if (!found.prices.empty()) {
    csv_file table{folder / "price.csv", "contender,mints_per_day,requests_per_day,peak_per_s"};
    for (auto const& row : found.prices)
      table.row(row.contender, row.mints, row.requests, row.peak);
  }
}

}  // namespace wixtokend::sim::load
