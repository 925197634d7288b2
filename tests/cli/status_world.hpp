#pragma once
// Figures of a daemon for the tests of what is made of them.

#include "wixtoken/status.hpp"

namespace wixtokend::cli {

inline wixtoken::app_status example_app() {
  wixtoken::app_status out;
  out.name = "main";
  out.instances = 10'950;
  out.kept_warm = 10'800;
  out.usable = 10'790;
  out.demand = 1.25;
  out.ceiling = 50;
  out.rate = 25;
  out.background_rate = 5;
  out.breaker = "closed";
  out.in_flight = 3;
  out.waiting = 12;
  return out;
}

inline wixtoken::app_status surveyed_app() {
  auto out = example_app();
  out.by_state = wixtoken::state_counts{5, 10'780, 10, 5, 0, 150};
  out.overdue = 2;
  out.budget = wixtoken::outage_budget{720, 7200, 13'200};
  wixtoken::instance_failure failed;
  failed.kind = "throttled";
  failed.status = 429;
  failed.message = "slow down\x1b[2J";
  failed.at = 900;
  out.last_errors.push_back({"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55", failed});
  return out;
}

inline wixtoken::daemon_status example_status(wixtoken::app_status app) {
  wixtoken::daemon_status out;
  out.version = "0.1.0";
  out.uptime_seconds = 5400;
  out.ready = true;
  out.kept_warm = 10'800;
  out.usable = 10'790;
  out.connections = 3;
  out.requests = 71'022;
  out.requests_denied = 4;
  out.apps.push_back(std::move(app));
  return out;
}

}  // namespace wixtokend::cli
