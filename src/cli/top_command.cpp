// top: looks at the daemon over and over, until q.
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "cli/top_look.hpp"
#include "cli/top_screen.hpp"

#include <algorithm>
#include <optional>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds interval_min = 500ms;
constexpr std::chrono::milliseconds interval_max = 60s;

// One page for a pipe, a file, or `--once`.
exit_code print_once(place& at, top_look& looking) {
  auto const data = looking.look(at.to.wall());
  if (looking.problem()) return at.fail(*looking.problem());
  if (at.json) {
    at.to.out << data.status->json << '\n';
    return exit_code::good;
  }
  top_layout layout;
  layout.columns = at.to.columns;
  layout.rows = 0;
  layout.interval_tenths = 0;
  layout.colour = at.to.colour && at.to.out_is_terminal;
  for (auto const& line : top_lines(data, layout)) at.to.out << line << '\n';
  return exit_code::good;
}

class live_view {
 public:
  live_view(place& at, top_look& looking, std::chrono::milliseconds interval)
      : at_{at}, looking_{looking}, interval_{interval} {}

  void run() {
    look();
    draw();
    for (;;) {
      auto const event = screen_.wait(paused_ ? interval_max : interval_);
      if (event == screen_event::quit) return;
      take(event);
      draw();
    }
  }

 private:
  void take(screen_event event) {
    switch (event) {
      case screen_event::pause: paused_ = !paused_; break;
      case screen_event::slower: interval_ = std::min(interval_ * 2, interval_max); break;
      case screen_event::faster:
        interval_ = std::max(interval_ / 2, std::min(interval_, interval_min));
        break;
      case screen_event::look: look(); break;
      case screen_event::nothing:
        if (!paused_) look();
        break;
      case screen_event::resized:
      case screen_event::quit: break;
    }
  }

  void look() { data_ = looking_.look(at_.to.wall()); }

  void draw() {
    top_layout layout;
    auto const size = size_of_output().value_or(terminal_size{});
    layout.columns = size.columns;
    layout.rows = std::max<std::size_t>(size.rows, 2);
    layout.colour = at_.to.colour;
    layout.interval_tenths = interval_ / 100ms;
    layout.paused = paused_;
    screen_.draw(top_lines(data_, layout));
  }

  place& at_;
  top_look& looking_;
  std::chrono::milliseconds interval_;
  bool paused_ = false;
  top_data data_;
  full_screen screen_;
};

}  // namespace

exit_code act(place& at, top_command const& what) {
  top_look looking{at.daemon, what.app};
  bool const live = at.to.out_is_terminal && at.to.moves_cursor;
  if (what.once || at.json || !live) return print_once(at, looking);
  live_view{at, looking, what.interval}.run();
  return exit_code::good;
}

}  // namespace wixtokend::cli
