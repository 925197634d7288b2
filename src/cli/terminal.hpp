#pragma once
// A terminal as a full screen: the keys that are pressed, its size, and everything back at the end.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::cli {

struct terminal_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// Of standard output; unset: it is no terminal, or does not say.
[[nodiscard]] std::optional<terminal_size> size_of_output() noexcept;

/// What may happen while the screen is shown.
enum class screen_event : std::uint8_t { nothing, quit, resized, pause, slower, faster, look };

/// The alternate screen of the terminal on standard output, without a cursor and without echo.
/// SIGINT, SIGTERM and SIGHUP become `quit` as long as it lasts. One at a time.
class full_screen {
 public:
  /// Throws `std::runtime_error` if the terminal does not allow it.
  full_screen();
  full_screen(full_screen const&) = delete;
  full_screen& operator=(full_screen const&) = delete;
  ~full_screen();

  /// Draws all lines at once, without flicker.
  void draw(std::vector<std::string> const& lines);

  /// Waits for the next event, at most so long.
  [[nodiscard]] screen_event wait(std::chrono::milliseconds limit);

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace wixtokend::cli
