#pragma once
// A folder with a secret file, in which configurations are loaded.

#include "daemon/config_file.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace wixtokend::test {

/// A configuration that is right; what a test adds begins in line 5.
inline constexpr char const* good_configuration =
    "[[app]]\n"
    "app_id = '11111111-2222-3333-4444-555555555555'\n"
    "app_secret_file = 'secret'\n"
    "\n";

/// The text of a key file.
inline constexpr char const* store_key =
    "# a key\nwixtokend-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";

struct config_world {
  temporary_folder folder;

  config_world() { folder.write("secret", "s3cret-value\n"); }

  [[nodiscard]] daemon::loaded_configuration load(std::string const& text) const {
    return daemon::load_configuration(folder.write("c.toml", text), around);
  }
  [[nodiscard]] daemon::configuration settings(std::string const& more) const {
    auto loaded = load(good_configuration + more);
    for (auto const& one : loaded.errors) FAIL_CHECK(to_text("c.toml", one));
    return std::move(loaded.settings);
  }
  // All errors of `good_configuration` and `more`, one a line.
  [[nodiscard]] std::string errors(std::string const& more) const {
    return errors_of(good_configuration + more);
  }
  [[nodiscard]] std::string errors_of(std::string const& text) const {
    std::string out;
    for (auto const& one : load(text).errors) out += to_text("c.toml", one) + "\n";
    return out;
  }
  [[nodiscard]] std::string path(std::string const& name) const {
    return '"' + folder.path(name) + '"';
  }

  daemon::surroundings around;
};

}  // namespace wixtokend::test
