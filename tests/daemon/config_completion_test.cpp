#include "daemon/config_completion.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;
using test::good_configuration;

constexpr char const* public_key_pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2oQnv5TE4f9nZzztX7Tu\n"
    "42swubfpuoBgvhg3xY6z75gRV0pfmglPZQ5ctFwstl/GbsTDjTEEBGKf+NtRtaZw\n"
    "4DcO23TelUvqHKtkkY9UvgMVax1LEGIe/v/6AvqrDunedulyAnMwEbwtjF11EfJB\n"
    "yvVC9wd3VXNPZHEZjnTaGnS7Et3irfGklvdYDJmwafcgvnKbiITba3R0tre9IF9x\n"
    "Is0SmOLyI1WFwXnaflEJRl+OzruI4CQ7/1L7rgqvySISDS6AjUNxNplDDtioTnnv\n"
    "A0As3n8spoGW9qUK+rUzuf2x0FjDUKJL4Sqm1MdlvU0MWJ3bra9E44nM/8cgkq60\n"
    "EwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

constexpr char const* store_table = "[store]\nfile = '/var/lib/x/state.db'\n";

void add_credentials(config_world& w) {
  w.around.credentials_directory = w.folder.path("credentials");
  REQUIRE(std::filesystem::create_directory(w.around.credentials_directory));
}

}  // namespace

TEST_SUITE("daemon.config_completion") {
  TEST_CASE("the store's keys come from their file, or from the systemd credential") {
    config_world w;
    CHECK(
        w.errors(store_table) ==
        "c.toml:5:1: store.key_file: is missing, and there is no systemd credential \"store_key\" "
        "either; `wixtokend keygen` makes a new key\n");

    w.folder.write("keys", test::store_key);
    auto const named = std::string{store_table} + "key_file = 'keys'\n";
    CHECK(w.settings(named).store.keys.reveal() == test::store_key);

    add_credentials(w);
    auto const other = "# of systemd\n" + std::string{test::store_key};
    w.folder.write("credentials/store_key", other);
    CHECK(w.settings(store_table).store.keys.reveal() == other);
    CHECK(w.settings(named).store.keys.reveal() == test::store_key);
  }

  TEST_CASE("without a store no key is looked for") {
    config_world const w;
    CHECK(w.errors("[store]\nallow_volatile = true\n") == "");
    CHECK(w.settings("").store.keys.empty());
  }

  TEST_CASE("a key file that is of no use is named with its line, never with what it holds") {
    config_world const w;
    auto const named = std::string{store_table} + "key_file = 'keys'\n";
    auto const begin = "c.toml:7:12: store.key_file: " + w.path("keys");
    CHECK(w.errors(named) == begin + " cannot be opened: No such file or directory\n");
    w.folder.write("keys", "");
    CHECK(w.errors(named) == begin + " is empty\n");
    w.folder.write("keys", "# nothing\n");
    CHECK(w.errors(named) == begin + ": lists no key; `wixtokend keygen` makes one\n");
    w.folder.write("keys", "\nS3CRET\n");
    CHECK(w.errors(named) ==
          begin + ": line 2 is not a key: it must begin with wixtokend-key-1:\n");

    w.folder.write("keys", test::store_key, 0644);
    auto const loaded = w.load(good_configuration + named);
    CHECK(loaded.errors.empty());
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(loaded.warnings.front().key == "store.key_file");
  }

  TEST_CASE("the key of webhooks comes from a file or a credential, as PEM or its base64") {
    config_world w;
    w.folder.write("key.pem", public_key_pem, 0644);
    auto const named = w.settings("webhook_public_key_file = 'key.pem'\n");
    CHECK(named.apps.front().webhook_key.has_value());

    add_credentials(w);
    w.folder.write("credentials/webhook_key", public_key_pem);
    CHECK(w.settings("").apps.front().webhook_key.has_value());
    auto const two = w.settings(
        "[[app]]\nname = 'b'\napp_id = '22222222-2222-3333-4444-555555555555'\n"
        "app_secret_file = 'secret'\n");
    CHECK(two.apps[0].webhook_key.has_value());
    CHECK(!two.apps[1].webhook_key.has_value());  // the shared one is the default app's only

    w.folder.write("credentials/webhook_key.main", "nonsense");
    CHECK(w.errors("").starts_with("c.toml:1:1: app.webhook_public_key_file: " +
                                   w.path("credentials/webhook_key.main") + " cannot be used: "));
  }

  TEST_CASE("a key of webhooks that is of no use is an error, and an absent one none") {
    config_world const w;
    CHECK(!w.settings("").apps.front().webhook_key.has_value());
    std::string const named = "webhook_public_key_file = 'key.pem'\n";
    auto const begin = "c.toml:5:27: app.webhook_public_key_file: " + w.path("key.pem");
    CHECK(w.errors(named) == begin + " cannot be opened: No such file or directory\n");
    w.folder.write("key.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    CHECK(w.errors(named).starts_with(begin + " cannot be used: "));
  }

  TEST_CASE("files that are left are neither read nor missed") {
    config_world const w;
    auto const text =
        "[[app]]\napp_id = '11111111-2222-3333-4444-555555555555'\n" + std::string{store_table};
    auto const file = w.folder.write("c.toml", text);
    CHECK(load_configuration(file, {}).errors.size() == 2);

    auto const left = load_configuration(file, {}, referred_files::left);
    CHECK(left.errors.empty());
    CHECK(left.settings.store.file == "/var/lib/x/state.db");
    CHECK(left.settings.store.keys.empty());
  }
}
