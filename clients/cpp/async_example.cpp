// Follows the tokens of an instance with Asio's coroutines: two of them, then it ends.
//   async_example SOCKET INSTANCE_ID
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <wixtoken/async_client.hpp>

#include <exception>
#include <iostream>
#include <string>

static boost::asio::awaitable<int> follow(wixtoken::async_client& daemon, std::string instance) {
  auto first = co_await daemon.token(instance);
  if (!first) co_return 1;
  auto generation = first->generation;
  std::cout << "generation " << generation << std::endl;
  for (;;) {
    auto next = co_await daemon.watch(instance, generation);  // up to a minute
    if (!next) co_return 1;                                   // next.error() says why
    if (!*next) continue;                                     // none in this minute
    std::cout << "generation " << (*next)->generation << std::endl;
    co_return 0;
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  boost::asio::io_context loop;
  wixtoken::options settings;
  settings.socket = argv[1];
  wixtoken::async_client daemon{loop.get_executor(), settings};
  int outcome = 70;
  boost::asio::co_spawn(loop, follow(daemon, argv[2]),
                        [&](std::exception_ptr thrown, int code) { outcome = thrown ? 70 : code; });
  loop.run();
  return outcome;
}
