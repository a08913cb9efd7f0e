#include "gateway/secret_box.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace gateway {

namespace {

constexpr std::string_view kPrefix = "sealed:1:";
constexpr std::string_view kComment = "# The key of the credentials in binnacle.db. Keep a copy apart from the database's; who has both can read them.\n";
constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::size_t kIdBytes = 8;

static_assert(crypto_secretbox_KEYBYTES == 32);

std::string_view view(const unsigned char* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string id_of(const std::array<std::uint8_t, 32>& key) {
    std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash(hash.data(), hash.size(), key.data(), key.size(), nullptr, 0);
    return base::hex_encode(view(hash.data(), kIdBytes));
}

// The context goes inside, so that it is authenticated too; its length in front keeps the two apart.
std::string with_context(std::string_view context, std::string_view text) {
    std::string whole = std::to_string(context.size()) + ':';
    whole.reserve(whole.size() + context.size() + text.size());
    whole += context;
    whole += text;
    return whole;
}

base::Error cannot(const std::string& what, const std::string& path) {
    return {base::ErrorCode::unavailable, "Cannot " + what + " the key of the stored credentials \"" + path + "\": " + std::strerror(errno),
            "Check the folder, or choose another place with --key-file FILE"};
}

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

// Nothing when there is no such file.
base::Result<std::optional<std::string>> read_file(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 && errno == ENOENT) return std::nullopt;
    struct stat info {};
    if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return base::fail(cannot("read", path));
    if ((info.st_mode & 077) != 0) {
        return base::fail(base::ErrorCode::forbidden, "Others than its owner can read the key of the stored credentials \"" + path + "\"", "chmod 600 it, then start again");
    }
    std::string text(kMaxFileBytes, '\0');
    std::size_t size = 0;
    for (;;) {
        const ::ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return base::fail(cannot("read", path));
        size += static_cast<std::size_t>(got);
        if (got == 0 || size == text.size()) break;
    }
    text.resize(size);
    return text;
}

}  // namespace

base::Result<SecretBox> SecretBox::open(std::string path, Missing missing) {
    if (sodium_init() < 0) std::abort();  // no source of random bytes: nothing would be safe
    auto text = read_file(path);
    if (!text) return base::fail(text.error());
    SecretBox box(path);
    if (!*text && missing == Missing::make) {
        box.make_key();
        auto written = box.write(false);
        if (written) return box;
        if (written.error().code != base::ErrorCode::conflict) return base::fail(written.error());
        // Another gateway has just made it.
        text = read_file(path);
        if (!text) return base::fail(text.error());
    }
    if (!*text) {
        return base::fail(base::ErrorCode::not_found, "The key of the stored credentials \"" + path + "\" is gone: nothing can open them without it",
                          "Put the file back from a copy, or say where it is with --key-file FILE. Without it, start with another --data-dir");
    }
    auto read = box.read(**text);
    sodium_memzero((*text)->data(), (*text)->size());
    if (!read) return base::fail(read.error());
    return box;
}

SecretBox::~SecretBox() {
    for (Key& key : keys_) sodium_memzero(key.bytes.data(), key.bytes.size());
}

base::Result<void> SecretBox::read(std::string_view text) {
    keys_.clear();
    bool sound = text.size() < kMaxFileBytes;
    for (const std::string_view line : base::split(text, '\n')) {
        if (line.empty() || line.front() == '#') continue;
        const auto halves = base::split_once(line, ' ');
        const auto bytes = halves ? base::base64_decode(halves->after) : std::nullopt;
        Key key;
        if (!bytes || bytes->size() != key.bytes.size()) {
            sound = false;
            break;
        }
        std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
        key.id = id_of(key.bytes);
        sound = sound && key.id == halves->before;
        keys_.push_back(std::move(key));
    }
    if (sound && !keys_.empty()) return {};
    return base::fail(base::ErrorCode::protocol, "The key of the stored credentials \"" + path_ + "\" is damaged", "It was left as it is. Put it back from a copy");
}

// Beside it, then in its place at once: a reader sees the old file or the new one, and a crash leaves one of them.
base::Result<void> SecretBox::write(bool replace) const {
    std::string text(kComment);
    for (const Key& key : keys_) text += key.id + ' ' + base::base64_encode(view(key.bytes.data(), key.bytes.size())) + '\n';
    const std::string fresh = path_ + ".new-" + std::to_string(::getpid());
    base::Result<void> result;
    {
        const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        const bool written = file.get() >= 0 && ::write(file.get(), text.data(), text.size()) == static_cast<::ssize_t>(text.size()) && ::fsync(file.get()) == 0;
        if (!written) result = base::fail(cannot("write", path_));
    }
    sodium_memzero(text.data(), text.size());
    if (result && replace && ::rename(fresh.c_str(), path_.c_str()) != 0) result = base::fail(cannot("write", path_));
    if (result && !replace && ::link(fresh.c_str(), path_.c_str()) != 0) {
        result = errno == EEXIST ? base::fail(base::ErrorCode::conflict, "there is a key already") : base::fail(cannot("write", path_));
    }
    ::unlink(fresh.c_str());
    if (!result) return result;
    std::string folder = std::filesystem::path(path_).parent_path().string();
    if (folder.empty()) folder = ".";
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::fsync(directory.get()) != 0) return base::fail(cannot("write", path_));
    return {};
}

void SecretBox::make_key() {
    Key key;
    crypto_secretbox_keygen(key.bytes.data());
    key.id = id_of(key.bytes);
    keys_.insert(keys_.begin(), std::move(key));
}

base::Result<void> SecretBox::add_key() {
    make_key();
    auto written = write(true);
    if (!written) keys_.erase(keys_.begin());
    return written;
}

base::Result<void> SecretBox::drop_old_keys() {
    if (keys_.size() == 1) return {};
    for (std::size_t i = 1; i < keys_.size(); ++i) sodium_memzero(keys_[i].bytes.data(), keys_[i].bytes.size());
    keys_.resize(1);
    return write(true);
}

bool SecretBox::is_sealed(std::string_view text) { return text.starts_with(kPrefix); }

bool SecretBox::is_current(std::string_view text) const { return is_sealed(text) && text.substr(kPrefix.size()).starts_with(keys_.front().id + ':'); }

std::string SecretBox::seal(std::string_view context, std::string_view text) const {
    std::string plain = with_context(context, text);
    std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(sealed.data());
    randombytes_buf(out, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, bytes_of(plain), plain.size(), out, keys_.front().bytes.data());
    sodium_memzero(plain.data(), plain.size());
    return std::string(kPrefix) + keys_.front().id + ':' + base::base64_encode(sealed);
}

base::Result<std::string> SecretBox::open_sealed(std::string_view context, std::string_view sealed) const {
    const auto broken = [&] {
        return base::fail(base::ErrorCode::protocol, "What is stored of " + std::string(context) + " cannot be opened: it was changed, or sealed with a key that is not in \"" + path_ + "\"",
                          "Put the key file and the database back from the same copy");
    };
    if (!is_sealed(sealed)) return broken();
    const auto halves = base::split_once(sealed.substr(kPrefix.size()), ':');
    if (!halves) return broken();
    const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const Key& each) { return each.id == halves->before; });
    const auto bytes = base::base64_decode(halves->after);
    if (key == keys_.end() || !bytes || bytes->size() < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES) return broken();
    const std::string_view box = std::string_view(*bytes).substr(crypto_secretbox_NONCEBYTES);
    std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
    if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), bytes_of(box), box.size(), bytes_of(*bytes), key->bytes.data()) != 0) return broken();
    const std::string head = with_context(context, {});
    if (!plain.starts_with(head)) return broken();
    plain.erase(0, head.size());
    return plain;
}

}  // namespace gateway
