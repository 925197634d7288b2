#include "net/socket_bio.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace wixtokend::net::openssl {
namespace {

int descriptor_of(BIO* bio) noexcept {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool is_temporary(int error) noexcept {
  return error == EAGAIN || error == EINTR;
}

int write_bytes(BIO* bio, char const* bytes, std::size_t size, std::size_t* written) noexcept {
  clear_retry(bio);
  auto const sent = ::send(descriptor_of(bio), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    *written = static_cast<std::size_t>(sent);
    return 1;
  }
  if (is_temporary(errno)) {
    mark_retry_write(bio);
  } else {
    ERR_raise(ERR_LIB_SYS, errno);
  }
  return 0;
}

int read_bytes(BIO* bio, char* into, std::size_t size, std::size_t* got) noexcept {
  clear_retry(bio);
  auto const received = ::recv(descriptor_of(bio), into, size, MSG_DONTWAIT);
  if (received > 0) {
    *got = static_cast<std::size_t>(received);
    return 1;
  }
  if (received == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  } else if (is_temporary(errno)) {
    mark_retry_read(bio);
  } else {
    ERR_raise(ERR_LIB_SYS, errno);
  }
  return 0;
}

long control(BIO* bio, int command, long, void*) noexcept {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD const* method() {
  static bio_method const made = [] {
    bio_method fresh{BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket")};
    if (fresh) {
      BIO_meth_set_write_ex(fresh.get(), write_bytes);
      BIO_meth_set_read_ex(fresh.get(), read_bytes);
      BIO_meth_set_ctrl(fresh.get(), control);
    }
    return fresh;
  }();
  return made.get();
}

}  // namespace

bio socket_bio(int descriptor) {
  bio made{BIO_new(method())};
  if (!made) return {};
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number in OpenSSL's slot for a pointer
  BIO_set_data(made.get(), reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(made.get(), 1);
  return made;
}

}  // namespace wixtokend::net::openssl
