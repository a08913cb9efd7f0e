// StatefulSetController: pods with an ordinal and claims of their own. OrderedReady (default) makes them one after another and
// removes them from the top; Parallel does not wait. RollingUpdate replaces from the top down to `partition`, OnDelete leaves
// it to the user. Templates are kept as ControllerRevisions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class StatefulSetController {
public:
    explicit StatefulSetController(Context& context);

private:
    struct Revisions {
        std::string current;  // what pods below the partition run
        std::string update;   // of the template as it is now
    };

    void sync(const ObjectKey& key);
    [[nodiscard]] Revisions revisions(const Json& set);
    [[nodiscard]] Json template_of(const Json& set, const std::string& revision) const;
    // True when a step was taken that has to be waited for.
    bool fill(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods, const Revisions& revisions);
    bool shrink(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods);
    void update(const Json& set, const std::map<std::int64_t, ObjectPtr>& pods, const Revisions& revisions);
    bool create_ordinal(const Json& set, std::int64_t ordinal, const Revisions& revisions);
    void ensure_claims(const Json& set, const std::string& pod_name, Json& pod);
    void delete_ordinal(const Json& set, const Json& pod);
    void write_status(const Json& set, const Revisions& revisions);
    void trim_revisions(const Json& set, const Revisions& revisions);

    Context& context_;
    WorkQueue queue_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
