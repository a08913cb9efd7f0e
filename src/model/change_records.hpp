// Change records: the edits of one save as JSON, as tabs tell them to each other.
//
//   ChangeOutbox outbox;                        // listens to a WorkflowDocument
//   document.set_listener(&outbox);
//   std::optional<Json> records = outbox.take();  // when a save begins; nullopt: too much to tell, the others re-read
//   base::Result<Patch> patch = patch_from_records(*records);
//
//   [{"op":"add","nodes":[...],"edges":[...]}, {"op":"remove","nodes":["a"],"edges":["e"]}, {"op":"move","moves":[{"id","x","y"}]},
//    {"op":"data","id":"web","data":{...}}, {"op":"name","name":"Shop"}]
//
// Added things are drawn last; what was put back elsewhere cannot be told this way and makes take() say nullopt.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "model/workflow_document.hpp"

namespace model {

class ChangeOutbox final : public WorkflowDocument::Listener {
public:
    static constexpr std::size_t kMaxRecords = 200;
    static constexpr std::size_t kMaxParts = 2'000;  // nodes, edges and moves in all of them

    void changed(const Graph& graph, const Change& change) override;
    void renamed(const std::string& name) override;
    // The others must re-read: what happened is not in the records.
    void spoil() { whole_ = true; }
    void clear();
    // What was recorded since the last time; nullopt when the document must be read instead.
    [[nodiscard]] std::optional<Json> take();
    // A save failed: what it had taken comes before what was recorded since.
    void give_back(std::optional<Json> records);

private:
    void add(Json record, std::size_t parts);
    Json records_ = Json::array();
    std::size_t parts_ = 0;
    bool whole_ = false;
};

// Errors name the record. Whether it fits the graph shows when it is applied.
[[nodiscard]] base::Result<Patch> patch_from_records(const Json& records);

}  // namespace model
