#include "api/app_metrics.hpp"
#include "api/exchange.hpp"
#include "api/handlers.hpp"
#include "api/readiness.hpp"
#include "api/server_metrics.hpp"
#include "observe/exposition.hpp"

#include <string>
#include <utility>

namespace wixtokend::api {

task<http::response> show_metrics(exchange& x) {
  auto& server = x.server;
  auto looking = server.surveys.look();
  auto const surveyed = co_await x.connection.while_connected(std::move(looking));
  if (!surveyed) co_return to_answer({.what = fault::wait_ended});  // the peer has left

  auto const now = server.time().now();
  std::vector<app_figures> apps;
  for (std::size_t i = 0; i < server.settings.apps.size(); ++i) {
    auto const number = static_cast<app_number>(i);
    app_figures app{server.settings.apps[i].name, server.service.app(number), surveyed->at(i),
                    &server.service.figures(number)};
    app.lookups = server.lookups.at(i);
    app.clock_offset = server.service.clock_offset(number);
    app.now = now;
    apps.push_back(app);
  }

  auto const format = observe::choose_format(x.header("Accept"));
  observe::exposition page{format};
  bool const ready = reasons_not_ready(server, server.service.readiness_now()).empty();
  write_server_metrics(page, server, ready);
  write_app_metrics(page, apps);
  http::response answer;
  answer.headers.add("Content-Type", std::string{observe::content_type_of(format)});
  answer.body = page.take();
  co_return answer;
}

}  // namespace wixtokend::api
