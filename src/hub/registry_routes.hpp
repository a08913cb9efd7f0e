// /registries and /admin/registries: the image registries this hub knows (contracts: KubeOrch core, "Registries").
//
// Everybody may read and look up; an admin adds, changes, checks and removes. Credentials are stored, used for checks, and never
// sent back. With a simulated cluster the well-known registries are simulated too, and every answer says so.
#pragma once

#include <map>
#include <memory>

#include "hub/registry_record.hpp"
#include "hub/services.hpp"

namespace hub {

class RegistryRoutes {
public:
    explicit RegistryRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    using Loaded = base::UniqueFunction<void(std::vector<RegistryRecord>)>;

    void list(const Writer& writer);
    void get(std::string id, const Writer& writer);
    void lookup(std::string_view query, const Writer& writer);
    void create(const net::ServerRequest& request, const Writer& writer);
    void change(std::string id, const net::ServerRequest& request, const Writer& writer);
    void remove(std::string id, const Writer& writer);
    void test(std::string id, const Writer& writer);
    void make_default(std::string id, const Writer& writer);

    // Oldest first. Answers the error itself.
    void with_all(const Writer& writer, Loaded then);
    void with_one(std::string id, const Writer& writer, base::UniqueFunction<void(RegistryRecord, std::vector<RegistryRecord>)> then);
    void store(RegistryRecord record, const Writer& writer, base::UniqueFunction<void(RegistryRecord)> then);
    // Makes `id` the default and all others not, one write after another.
    void move_default(std::vector<RegistryRecord> all, std::string id, const Writer& writer, base::UniqueFunction<void()> then);
    void answer_test(RegistryRecord record, bool simulated, bool connected, std::string message, std::string hint, const Writer& writer);
    [[nodiscard]] std::string now() const;

    Services& services_;
    std::map<std::uint64_t, std::shared_ptr<void>> checks_;  // under way
    std::uint64_t next_check_ = 1;
    Lifetime lifetime_;
};

}  // namespace hub
