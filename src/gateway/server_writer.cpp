#include "gateway/server_connection.hpp"

namespace gateway {

void ServerWriter::respond(net::Response response) {
    auto connection = this->connection();
    if (!connection || connection->answer_started()) return;
    connection->start_answer({response.status, std::move(response.headers)}, response.body.size());
    connection->write_body(response.body);
    finish();
    connection->end_answer();
}

void ServerWriter::start(net::ResponseHead head) {
    if (auto connection = this->connection(); connection && !connection->answer_started()) {
        connection->start_answer(std::move(head), std::nullopt);
    }
}

bool ServerWriter::write(std::string_view bytes) {
    auto connection = this->connection();
    if (!connection) return true;
    if (!connection->answer_started()) connection->start_answer({}, std::nullopt);
    if (connection->write_body(bytes)) return true;
    owes_drain_ = true;
    return false;
}

void ServerWriter::end() {
    auto connection = this->connection();
    if (!connection) return;
    if (!connection->answer_started()) connection->start_answer({}, std::nullopt);
    finish();
    connection->end_answer();
}

void ServerWriter::abort() {
    auto connection = this->connection();
    if (!connection) return;
    finish();
    connection->abort_answer();
}

void ServerWriter::on_drain(base::UniqueFunction<void()> callback) {
    if (!connection()) return;
    on_drain_ = std::move(callback);
    if (owes_drain_ && queued_bytes() == 0) schedule_drain();
}

void ServerWriter::on_close(base::UniqueFunction<void()> callback) {
    if (!done_) {
        on_close_ = std::move(callback);
    } else if (reader_left_ && callback) {
        loop_.post(std::move(callback));
    }
}

std::size_t ServerWriter::queued_bytes() const {
    auto connection = this->connection();
    return connection ? connection->queued_body_bytes() : 0;
}

void ServerWriter::reader_left() {
    if (done_) return;
    reader_left_ = true;
    if (on_close_) loop_.post(std::move(on_close_));
    finish();
}

void ServerWriter::drained() {
    if (!done_ && owes_drain_ && on_drain_) schedule_drain();
}

void ServerWriter::schedule_drain() {
    owes_drain_ = false;
    loop_.post([weak = std::weak_ptr<ServerWriter*>(self_)] {
        auto self = weak.lock();
        if (!self || (*self)->done_) return;
        auto callback = std::move((*self)->on_drain_);
        (*self)->on_drain_.reset();
        if (callback) callback();  // may end and drop the writer: nothing is touched after it
    });
}

void ServerWriter::finish() {
    done_ = true;
    // Captures may own this writer; its owner in the current call still holds it.
    auto drain = std::move(on_drain_);
    auto close = std::move(on_close_);
}

}  // namespace gateway
