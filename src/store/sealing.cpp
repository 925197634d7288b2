#include "store/sealing.hpp"

#include "store/key_derivation.hpp"
#include "store/store_error.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr char version = 1;
constexpr std::size_t id_size = 8;
constexpr std::size_t salt_size = 16;
constexpr std::size_t counter_size = 8;
constexpr std::size_t tag_size = 16;
constexpr std::size_t head_size = 1 + id_size + salt_size;
constexpr std::size_t ciphers_max = 1024;  // data keys kept ready: one a process run, mostly
constexpr std::string_view data_key_info = "wixtokend data key 1";

using context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&::EVP_CIPHER_CTX_free)>;
using nonce = std::array<unsigned char, 12>;

unsigned char const* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<unsigned char const*>(text.data());
}

nonce nonce_of(std::string_view counter) noexcept {
  nonce made{};
  std::memcpy(made.data() + made.size() - counter_size, counter.data(), counter_size);
  return made;
}

}  // namespace

namespace detail {

class cipher {
 public:
  // Null if OpenSSL cannot.
  static std::unique_ptr<cipher> make(sealing_key const& key, std::string_view salt,
                                      bool for_sealing) {
    auto const derived = derive_key(key.bytes, salt, data_key_info, 32);
    if (!derived.has_value()) return nullptr;
    auto made = std::make_unique<cipher>(for_sealing);
    auto* const of = made->context_.get();
    if (of == nullptr ||
        ::EVP_CipherInit_ex(of, ::EVP_aes_256_gcm(), nullptr, bytes_of(derived->reveal()), nullptr,
                            for_sealing ? 1 : 0) != 1) {
      return nullptr;
    }
    return made;
  }

  explicit cipher(bool for_sealing) : for_sealing_{for_sealing} {}

  // Sets the nonce and takes what is authenticated only.
  bool begin(nonce const& with, std::string_view head, std::string_view associated) noexcept {
    auto* const of = context_.get();
    return ::EVP_CipherInit_ex(of, nullptr, nullptr, nullptr, with.data(), for_sealing_ ? 1 : 0) ==
               1 &&
           authenticate(head) && authenticate(associated);
  }

  // En- or decrypts; `out` has the size of `in`.
  bool run(std::string_view in, char* out) noexcept {
    if (in.empty()) return true;
    int size = 0;
    return ::EVP_CipherUpdate(context_.get(), reinterpret_cast<unsigned char*>(out), &size,
                              bytes_of(in), static_cast<int>(in.size())) == 1;
  }

  bool finish(char* tag_out) noexcept {
    return end() &&
           ::EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag_out) == 1;
  }

  bool verify(std::string_view tag) noexcept {
    std::array<char, tag_size> expected{};
    std::memcpy(expected.data(), tag.data(), tag_size);
    return ::EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_SET_TAG, tag_size, expected.data()) ==
               1 &&
           end();
  }

 private:
  bool authenticate(std::string_view bytes) noexcept {
    if (bytes.empty()) return true;
    int size = 0;
    return ::EVP_CipherUpdate(context_.get(), nullptr, &size, bytes_of(bytes),
                              static_cast<int>(bytes.size())) == 1;
  }
  bool end() noexcept {
    std::array<unsigned char, 16> nothing{};
    int size = 0;
    return ::EVP_CipherFinal_ex(context_.get(), nothing.data(), &size) == 1;
  }

  bool const for_sealing_;
  context context_{::EVP_CIPHER_CTX_new(), &::EVP_CIPHER_CTX_free};  // wiped by its free
};

}  // namespace detail

key_id key_id_of(std::string_view sealed) noexcept {
  key_id id{};
  if (sealed.size() >= seal_overhead) std::memcpy(id.data(), sealed.data() + 1, id_size);
  return id;
}

sealer::sealer(sealing_key const& key, std::uint64_t sealings_max)
    : key_{key}, sealings_max_{sealings_max} {}

sealer::~sealer() = default;

result<std::string> sealer::seal(secret const& plain, std::string_view associated) {
  if (!cipher_ || sealings_ == sealings_max_) {
    std::array<char, salt_size> salt{};
    if (!fill_random(salt.data(), salt.size())) return errc::seal_failed;
    std::string_view const drawn{salt.data(), salt.size()};
    cipher_ = detail::cipher::make(key_, drawn, true);
    if (!cipher_) return errc::seal_failed;
    head_.assign(1, version);
    head_.append(reinterpret_cast<char const*>(key_.id.data()), id_size).append(drawn);
    sealings_ = 0;
  }

  std::array<char, counter_size> counter{};
  auto number = sealings_++;
  for (auto at = counter.rbegin(); at != counter.rend(); ++at, number >>= 8U) {
    *at = static_cast<char>(number & 0xffU);
  }
  std::string_view const used{counter.data(), counter.size()};
  std::string sealed;
  sealed.reserve(seal_overhead + plain.size());
  sealed.append(head_).append(used).resize(seal_overhead + plain.size());
  auto* const text = sealed.data() + head_size + counter_size;
  if (!cipher_->begin(nonce_of(used), head_, associated) || !cipher_->run(plain.reveal(), text) ||
      !cipher_->finish(text + plain.size())) {
    cipher_.reset();
    return errc::seal_failed;
  }
  return sealed;
}

opener::opener(key_ring const& keys) : keys_{keys} {}

opener::~opener() = default;

result<secret> opener::open(std::string_view sealed, std::string_view associated) {
  if (sealed.size() < seal_overhead || sealed.front() != version) return errc::seal_broken;
  auto const head = sealed.substr(0, head_size);
  auto known = ciphers_.find(head);
  if (known == ciphers_.end()) {
    auto const* const key = keys_.find(key_id_of(sealed));
    if (key == nullptr) return errc::unknown_key;
    auto made = detail::cipher::make(*key, head.substr(1 + id_size), false);
    if (!made) return errc::seal_failed;
    if (ciphers_.size() >= ciphers_max) ciphers_.clear();
    known = ciphers_.emplace(std::string{head}, std::move(made)).first;
  }

  auto const counter = sealed.substr(head_size, counter_size);
  auto const rest = sealed.substr(head_size + counter_size);
  auto const text = rest.substr(0, rest.size() - tag_size);
  auto& with = *known->second;
  std::string plain(text.size(), '\0');
  bool const opened = with.begin(nonce_of(counter), head, associated) &&
                      with.run(text, plain.data()) && with.verify(rest.substr(text.size()));
  auto taken = secret::take(std::move(plain));
  if (!opened) return errc::seal_broken;
  return taken;
}

}  // namespace wixtokend::store
