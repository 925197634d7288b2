#include "support/memory_stream.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace wixtokend::test {

std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> memory_stream::make_pair(
    event_loop& loop) {
  auto const there = std::make_shared<channel>(loop.get_executor());
  auto const back = std::make_shared<channel>(loop.get_executor());
  std::unique_ptr<memory_stream> first{new memory_stream{there, back}};
  std::unique_ptr<memory_stream> second{new memory_stream{back, there}};
  return {std::move(first), std::move(second)};
}

memory_stream::~memory_stream() {
  close();
}

task<result<std::size_t>> memory_stream::read_some(std::span<char> into) {
  auto const in = in_;  // the stream may be destroyed while this waits
  while (in->bytes.empty() && !in->ended && !in->unread) co_await in->arrived.wait();
  if (in->is_reset) co_return error_code{asio::error::connection_reset};
  if (in->unread) co_return errc::connection_closed;
  auto const size = std::min({into.size(), in->bytes.size(), piece_max_});
  std::copy_n(in->bytes.begin(), size, into.begin());
  in->bytes.erase(0, size);
  co_return size;
}

task<result<void>> memory_stream::write_all(std::string_view bytes) {
  if (closed_) co_return errc::connection_closed;
  if (out_->is_reset) co_return error_code{asio::error::connection_reset};
  if (out_->ended || out_->unread) co_return error_code{asio::error::broken_pipe};
  out_->bytes.append(bytes);
  out_->arrived.set();
  co_return result<void>{};
}

void memory_stream::shutdown_write() noexcept {
  out_->ended = true;
  out_->arrived.set();
}

bool memory_stream::idle_and_open() noexcept {
  return !closed_ && in_->bytes.empty() && !in_->ended;
}

void memory_stream::close() noexcept {
  closed_ = true;
  shutdown_write();
  in_->unread = true;
  in_->arrived.set();
}

void memory_stream::reset() noexcept {
  out_->is_reset = true;
  out_->bytes.clear();
  in_->is_reset = true;
  close();
}

}  // namespace wixtokend::test
