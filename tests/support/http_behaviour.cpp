#include "support/http_behaviour.hpp"

namespace support {

std::string Recording::header(std::string_view name) const {
    std::string joined;
    bool first = true;
    for (const auto& [field_name, value] : headers.fields()) {
        if (!net::equals_ignoring_case(field_name, name)) continue;
        if (!first) joined += ", ";
        joined += value;
        first = false;
    }
    return joined;
}

BehaviourContext::BehaviourContext(HttpRig& rig)
    : rig_(rig), client_(rig.make_client()), control_client_(rig.make_client()) {
    // Keys are used once per server process.
    static int next_key_block = 0;
    key_ = next_key_block;
    next_key_block += 100;
}

BehaviourContext::~BehaviourContext() = default;

void BehaviourContext::check(bool condition, std::string what) {
    if (!condition) failures_.push_back(std::move(what));
}

Recording& BehaviourContext::send(net::Request request, net::HttpClient* client) {
    recordings_.push_back(std::make_unique<Recording>());
    Recording& r = *recordings_.back();
    const auto note = [&r](std::string_view callback) {
        if (r.in_send) r.violations.push_back(std::string(callback) + " ran inside send()");
        if (r.dropped) r.violations.push_back(std::string(callback) + " ran after the handle was dropped");
        if (r.done) r.violations.push_back(std::string(callback) + " ran after on_done");
    };
    net::ResponseCallbacks callbacks;
    callbacks.on_head = [&r, note](net::ResponseHead head) {
        note("on_head");
        if (++r.heads > 1) r.violations.push_back("on_head ran twice");
        r.status = head.status;
        r.headers = std::move(head.headers);
        if (r.then_on_head) r.then_on_head();
    };
    callbacks.on_data = [&r, note](std::string_view bytes) {
        note("on_data");
        if (r.heads == 0) r.violations.push_back("on_data ran before on_head");
        if (bytes.empty()) r.violations.push_back("on_data without bytes");
        ++r.chunks;
        r.body.append(bytes);
        if (r.then_on_data) r.then_on_data();
    };
    callbacks.on_done = [&r, note](base::Result<void> result) {
        note("on_done");
        r.done = true;
        if (!result) r.error = result.error();
        if (result && r.heads == 0) r.violations.push_back("on_done with success but without on_head");
        if (r.then_on_done) r.then_on_done();
    };
    r.in_send = true;
    r.handle = (client ? *client : *client_).send(std::move(request), std::move(callbacks));
    r.in_send = false;
    return r;
}

Recording& BehaviourContext::step(net::Request request) {
    // Without a timeout: a step that is never answered is a stuck case, not a finished step.
    request.head_timeout_ms = 0;
    Recording& recording = send(std::move(request), control_client_.get());
    recording.is_step = true;
    return recording;
}

Recording& BehaviourContext::control(std::string_view op, std::string body) {
    return step({.method = "POST", .target = "/control?" + key() + "&op=" + std::string(op), .body = std::move(body)});
}

Recording& BehaviourContext::wait_for(std::string_view what) {
    return step({.target = "/wait?" + key() + "&for=" + std::string(what)});
}

Recording& BehaviourContext::state() { return step({.target = "/state?" + key()}); }

BehaviourContext::Until BehaviourContext::until(std::string what, base::UniqueFunction<bool()> predicate) {
    waiting_for_ = std::move(what);
    predicate_ = std::move(predicate);
    return Until{*this};
}

BehaviourContext::Until BehaviourContext::finished(const Recording& recording) {
    return until("the exchange to be done", [&recording] { return recording.done; });
}

BehaviourRun::BehaviourRun(const Behaviour& behaviour, HttpRig& rig) : context_(std::make_unique<BehaviourContext>(rig)) {
    task_.emplace(behaviour.body(*context_));
}

BehaviourRun::~BehaviourRun() {
    task_.reset();
    context_.reset();
}

bool BehaviourRun::poll() {
    if (!task_) return true;
    while (!task_->done()) {
        if (context_->predicate_ && !context_->predicate_()) return false;
        task_->resume();
    }
    finish();
    return true;
}

void BehaviourRun::give_up() {
    if (!task_) return;
    context_->failures_.push_back("stuck: waited for " + context_->waiting_for_);
    finish();
}

void BehaviourRun::finish() {
    task_.reset();
    for (const auto& recording : context_->recordings_) {
        for (const auto& violation : recording->violations) context_->failures_.push_back(violation);
        if (recording->is_step && recording->done && (recording->error || recording->status != 200)) {
            context_->failures_.push_back("a step of the suite itself failed: " +
                                          (recording->error ? recording->error->message : std::to_string(recording->status)));
        }
    }
}

}  // namespace support
