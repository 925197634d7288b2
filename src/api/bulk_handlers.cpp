// Bulk registration: one instance a line, as many as there are, in little memory.
#include "api/bulk_results.hpp"
#include "api/exchange.hpp"
#include "api/handlers.hpp"
#include "api/line_splitter.hpp"
#include "api/parameters.hpp"
#include "api/registration_answers.hpp"
#include "api/request_bodies.hpp"

#include <memory>
#include <utility>

namespace wixtokend::api {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t lines_max = 1'000'000;
constexpr std::size_t part_lines_max = 1'000;  // written to disk as one
constexpr std::size_t bulk_requests_max = 2;   // at once
constexpr std::size_t answer_piece_bytes = 32 * 1024;

// One bulk request in its place among the others.
class bulk_registration {
 public:
  bulk_registration(exchange& x, bool replace) : x_{x}, replace_{replace} {
    ++x_.server.bulk_requests;
  }
  bulk_registration(bulk_registration const&) = delete;
  bulk_registration& operator=(bulk_registration const&) = delete;
  ~bulk_registration() { --x_.server.bulk_requests; }

  // Reads the body to its end. A problem: why it could not.
  task<checked<>> run();

  [[nodiscard]] bulk_results take_results() noexcept { return std::move(results_); }

 private:
  task<checked<>> take_lines();
  checked<> take_line(line_splitter::line const& line);
  checked<> add(std::string_view text);
  task<checked<>> settle();

  exchange& x_;
  bool replace_;
  line_splitter lines_{line_bytes_max};
  bulk_results results_;
};

task<checked<>> bulk_registration::run() {
  checked<> going_on;
  while (going_on.has_value()) {
    auto const piece = co_await x_.connection.next_piece();
    if (!piece.has_value()) {
      going_on = piece.error();
      break;
    }
    if (piece->empty()) {
      if (auto const last = lines_.rest()) going_on = take_line(*last);
      break;
    }
    lines_.feed(*piece);
    going_on = co_await take_lines();
  }
  // Whatever ended it, what was taken so far is told as it is.
  auto const settled = co_await settle();
  co_return going_on.has_error() ? going_on : settled;
}

task<checked<>> bulk_registration::take_lines() {
  while (auto const line = lines_.next()) {
    auto const taken = take_line(*line);
    if (!taken.has_value()) co_return taken;
    if (results_.unsettled() < part_lines_max) continue;
    auto const settled = co_await settle();
    if (!settled.has_value()) co_return settled;
  }
  co_return checked<>{};
}

checked<> bulk_registration::take_line(line_splitter::line const& line) {
  bool const is_blank = line.text.find_first_not_of(" \t") == line.text.npos && !line.too_large;
  if (results_.size() >= lines_max) {
    if (is_blank) return {};
    results_.truncate();
    return problem{.what = fault::too_many_lines};
  }
  if (is_blank) {
    results_.add_blank();
  } else if (line.too_large) {
    problem const too_large{.what = fault::line_too_large};
    results_.add_failure(too_large);
  } else if (auto const added = add(line.text); !added.has_value()) {
    results_.add_failure(added.error());
  }
  return {};
}

checked<> bulk_registration::add(std::string_view text) {
  auto read = read_bulk_line(text);
  if (!read.has_value()) return read.error();
  bool const allowed = x_.allowed(x_.call->needed, read->instance) &&
                       (!replace_ || x_.allowed(core::role::manage, read->instance));
  if (!allowed) return x_.denied(read->instance);
  read->wanted.replace = replace_;
  instance_key const key{x_.key.app, read->instance};
  auto const outcome = x_.server.registrar.add_now(key, std::move(read->wanted));
  if (auto const wrong = problem_of(outcome)) return *wrong;
  results_.add_registered(outcome == service::registration_outcome::known);
  return {};
}

// Waits until all lines so far are on disk; and whoever may not go on is stopped here.
task<checked<>> bulk_registration::settle() {
  auto settling = x_.server.registrar.settled();
  auto const settled = co_await x_.connection.until_written(std::move(settling), disk_time_max);
  if (!settled.has_value()) {
    problem const failed{.what = fault::store_failed};
    results_.settle_failed(failed);
    co_return failed;
  }
  results_.settle();
  bool const allowed = x_.allowed() && (!replace_ || x_.allowed(core::role::manage));
  if (!allowed) co_return x_.denied();
  co_return checked<>{};
}

// The body was not read to its end: says why, and how far it came.
http::response stopped_answer(problem const& why, bulk_results const& results) {
  auto answer = to_answer(why);
  answer.body.back() = ',';  // in place of the brace that ends the object
  answer.body.append("\"summary\":").append(results.summary_json()).append("}");
  return answer;
}

// Hands out the result of each line, and the summary last.
answer_pieces pieces_of(bulk_results results) {
  auto const all = std::make_shared<bulk_results const>(std::move(results));
  return [all, next = std::size_t{0}, ended = false]() mutable {
    auto piece = all->lines_json(next, answer_piece_bytes);
    if (piece.empty() && !std::exchange(ended, true)) piece = all->summary_json() + '\n';
    return piece;
  };
}

checked<bool> wants_all_results(parameters const& query) {
  auto const results = find_parameter(query, "results");
  if (!results || *results == "failures") return false;
  if (*results == "all") return true;
  return problem{.what = fault::invalid_parameter,
                 .description = "The parameter \"results\" is neither failures nor all."};
}

}  // namespace

task<http::response> add_instances(exchange& x) {
  auto const replace = read_flag(x.query, "replace");
  if (!replace.has_value()) co_return to_answer(replace.error());
  if (*replace && !x.allowed(core::role::manage)) co_return to_answer(x.denied());
  auto const all = wants_all_results(x.query);
  if (!all.has_value()) co_return to_answer(all.error());
  if (x.server.bulk_requests >= bulk_requests_max) {
    problem const busy{.what = fault::limit_reached,
                       .description = "Two bulk registrations are under way."};
    co_return to_answer(busy);
  }

  bulk_registration work{x, *replace};
  auto const ended = co_await work.run();
  auto results = work.take_results();
  if (!ended.has_value()) co_return stopped_answer(ended.error(), results);
  if (!*all) co_return json_answer(200, results.summary_json());

  x.connection.answer_in_pieces(pieces_of(std::move(results)));
  http::response answer;
  answer.headers.add("Content-Type", "application/x-ndjson");
  answer.headers.add("Cache-Control", "no-store");
  co_return answer;
}

}  // namespace wixtokend::api
