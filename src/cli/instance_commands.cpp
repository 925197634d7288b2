// list, show, add, remove, retry, restore.
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/printable.hpp"
#include "cli/secret_input.hpp"
#include "cli/view_text.hpp"

#include <algorithm>
#include <cstddef>

namespace wixtokend::cli {
namespace {

using wixtoken::instance_view;
using wixtoken::registration;

constexpr std::uint64_t page_max = 500;

void print_view(place& at, instance_view const& view) {
  if (at.json) {
    at.to.out << view.json << '\n';
  } else {
    at.to.out << view_text(view, at.to.now());
  }
}

// One instance; with what it ended.
exit_code act_on(place& at, instance_action what, std::string const& instance) {
  if (what == instance_action::remove) {
    auto const removed = at.daemon.remove(instance);
    if (removed.has_error()) return at.fail(removed.error(), instance);
    if (at.json) {
      at.to.out << json_object{}.text("instance_id", instance).flag("removed", true).take() << '\n';
    } else {
      at.to.out << "removed " << printable(instance) << '\n';
    }
    return exit_code::good;
  }
  auto const seen = what == instance_action::show    ? at.daemon.view(instance)
                    : what == instance_action::retry ? at.daemon.retry(instance)
                                                     : at.daemon.restore(instance);
  if (seen.has_error()) return at.fail(seen.error(), instance);
  print_view(at, *seen);
  return exit_code::good;
}

// The grant that the command line names; what can be read once only is used once only.
struct wanted_grant {
  std::optional<registration> how;
  std::string problem;
};

wanted_grant grant_of(place& at, add_command const& what) {
  auto const& file = what.refresh_token_file.empty() ? what.code_file : what.refresh_token_file;
  if (file.empty()) {
    if (what.client_credentials) return {registration::client_credentials(what.replace), {}};
    return {registration{}, {}};
  }
  auto secret = read_secret(at.to, file);
  if (!secret.text) return {std::nullopt, std::move(secret.problem)};
  if (what.refresh_token_file.empty()) {
    return {registration::authorization_code(*std::move(secret.text)), {}};
  }
  return {registration::refresh_token(*std::move(secret.text), what.replace), {}};
}

}  // namespace

exit_code act(place& at, list_command const& what) {
  auto const rows = instance_table(at.to.columns);
  wixtoken::list_request which;
  which.state = what.state;
  bool header = !at.json;
  for (std::uint64_t left = what.limit;;) {
    which.limit = static_cast<std::size_t>(what.limit == 0 ? page_max : std::min(left, page_max));
    auto const page = at.daemon.list(which);
    if (page.has_error()) return at.fail(page.error());
    if (std::exchange(header, false)) at.to.out << rows.header() << '\n';
    auto const now = at.to.now();
    for (auto const& one : page->instances) {
      at.to.out << (at.json ? one.json : rows.row(instance_cells(one, now))) << '\n';
    }
    at.to.out.flush();
    if (!at.to.out) return exit_code::output;
    left -= std::min<std::uint64_t>(left, page->instances.size());
    if (!page->next_cursor || (what.limit != 0 && left == 0)) return exit_code::good;
    which.cursor = *page->next_cursor;
  }
}

exit_code act(place& at, instances_command const& what) {
  auto outcome = exit_code::good;
  bool first = true;
  for (auto const& instance : what.instances) {
    bool const page = what.what != instance_action::remove && !at.json;
    if (page && !std::exchange(first, false)) at.to.out << '\n';
    auto const one = act_on(at, what.what, instance);
    if (outcome == exit_code::good) outcome = one;  // the first failure counts
    // Nobody is there: the others would fail alike.
    if (one == exit_code::unreachable) break;
  }
  return outcome;
}

exit_code act(place& at, add_command const& what) {
  auto outcome = exit_code::good;
  for (auto const& instance : what.instances) {
    auto wanted = grant_of(at, what);
    if (!wanted.how) return at.fail(exit_code::no_input, wanted.problem);
    auto const added = at.daemon.add(instance, *std::move(wanted.how));
    if (added.has_error()) {
      auto const code = at.fail(added.error(), instance);
      if (outcome == exit_code::good) outcome = code;
      if (code == exit_code::unreachable) break;
      continue;
    }
    if (at.json) {
      at.to.out << added->view.json << '\n';
      continue;
    }
    at.to.out << (added->is_new ? "added " : "known ") << printable(instance)
              << (added->view.durable ? ", survives a restart\n"
                                      : ", until the daemon restarts (it has no store)\n");
  }
  return outcome;
}

}  // namespace wixtokend::cli
