#pragma once
// Coroutines on the one event loop.

#include "base/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wixtokend {

namespace asio = boost::asio;

/// The loop that owns all mutable state. One thread runs it.
using event_loop = asio::io_context;

/// Named concretely: type-erased executors cost a tenth of a small request.
using executor = event_loop::executor_type;

/// A coroutine of the loop. It starts when it is awaited or spawned.
///
/// Cancellation arrives as `boost::system::system_error` with `operation_aborted`, thrown by the
/// next `co_await`; nobody but `task_group` catches it.
template <class T = void>
using task = asio::awaitable<T, executor>;

/// Completion token: the operation's error is thrown.
inline constexpr asio::use_awaitable_t<executor> use_task{};

/// Completion token: the operation's error is the first element of the awaited tuple.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<executor>> use_task_tuple{};

}  // namespace wixtokend
