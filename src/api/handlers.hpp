#pragma once
// The calls themselves: each takes an exchange whose peer is allowed to make it, and answers.

#include "async/task.hpp"
#include "http/message.hpp"

namespace wixtokend::api {

struct exchange;

// token_handlers.cpp
task<http::response> get_token(exchange& x);
task<http::response> reject_token(exchange& x);
task<http::response> drop_token(exchange& x);

// instance_handlers.cpp
task<http::response> list_instances(exchange& x);
task<http::response> show_instance(exchange& x);
task<http::response> add_instance(exchange& x);
task<http::response> remove_instance(exchange& x);
task<http::response> retry_instance(exchange& x);
task<http::response> restore_instance(exchange& x);
task<http::response> show_token_info(exchange& x);

// bulk_handlers.cpp
task<http::response> add_instances(exchange& x);

// webhook_handlers.cpp
task<http::response> take_webhook(exchange& x);

// dropin_handlers.cpp
task<http::response> dropin_token(exchange& x);
task<http::response> dropin_access(exchange& x);
task<http::response> dropin_token_info(exchange& x);

// status_handlers.cpp
task<http::response> show_status(exchange& x);
task<http::response> show_health(exchange& x);
task<http::response> show_readiness(exchange& x);
task<http::response> show_version(exchange& x);

// metrics_handlers.cpp
task<http::response> show_metrics(exchange& x);

}  // namespace wixtokend::api
