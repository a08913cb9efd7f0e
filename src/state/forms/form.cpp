#include "state/forms/form.hpp"

#include <algorithm>
#include <utility>

#include "state/forms/paths.hpp"

namespace state {

using base::Json;

struct Form::Check {
    std::string path;
    base::Scheduler* scheduler = nullptr;
    AsyncCheck ask;
    std::int64_t delay_ms = 0;
    base::Timer timer;
    std::shared_ptr<void> run;   // what `ask` gave
    std::uint64_t ticket = 0;    // an answer with an older one comes too late
    bool is_running = false;
    bool is_asking = false;      // inside `ask`
    bool is_answered = false;    // for the current value
    Json value;                  // the last one asked about
    std::string problem;

    void drop() {
        timer.cancel();
        run.reset();
        is_running = false;
        ++ticket;
    }
};

Form::Form(Schema schema, Json initial, FormMode mode)
    : schema_(std::move(schema)), initial_(std::move(initial)), values_(initial_), mode_(mode), self_(std::make_shared<Form*>(this)) {
    validate();
}

Form::~Form() {
    *self_ = nullptr;
    for (const auto& check : checks_) check->drop();
}

void Form::add_check(std::string path, base::Scheduler& scheduler, AsyncCheck ask, std::int64_t delay_ms) {
    auto check = std::make_unique<Check>();
    check->path = std::move(path);
    check->scheduler = &scheduler;
    check->ask = std::move(ask);
    check->delay_ms = delay_ms;
    checks_.push_back(std::move(check));
}

void Form::on_change(base::UniqueFunction<void()> callback) { on_change_ = std::move(callback); }

void Form::changed() {
    ++version_;
    if (on_change_) on_change_();
}

void Form::validate() {
    Validation checked = state::validate(schema_, values_);
    output_ = std::move(checked.value);
    issues_ = std::move(checked.issues);
}

// ---- values

const Json* Form::value(std::string_view path) const { return find_at(values_, path); }

std::string Form::text(std::string_view path) const {
    const Json* found = value(path);
    const auto* text = found != nullptr ? found->get_ptr<const Json::string_t*>() : nullptr;
    return text != nullptr ? *text : std::string();
}

bool Form::set(std::string_view path, Json value) {
    if (const Json* before = find_at(values_, path); before != nullptr && before->type() == value.type() && *before == value) return true;
    if (!set_at(values_, path, std::move(value))) return false;
    value_changed(path);
    return true;
}

void Form::erase(std::string_view path) {
    if (erase_at(values_, path)) value_changed(path);
}

void Form::value_changed(std::string_view path, bool rows_only) {
    for (auto& [name, field] : fields_) {
        if (is_within(path, name) || (!rows_only && is_within(name, path))) field.server_error.clear();
    }
    if (!rows_only) std::erase_if(rows_, [&](const auto& entry) { return entry.first != path && is_within(entry.first, path); });
    validate();
    for (const auto& check : checks_) {
        if (is_within(check->path, path) || is_within(path, check->path)) plan_check(*check);
    }
    changed();
    if (!waiting_send_) return;
    start_checks();
    finish_submit();
}

void Form::reset(Json initial) {
    initial_ = std::move(initial);
    values_ = initial_;
    fields_.clear();
    rows_.clear();
    form_error_.clear();
    focus_path_.clear();
    waiting_send_.reset();
    submitted_ = false;
    submitting_ = false;
    for (const auto& check : checks_) {
        check->drop();
        check->is_answered = false;
        check->problem.clear();
    }
    validate();
    changed();
}

// ---- marks

Form::Field& Form::field_at(std::string_view path) {
    const auto found = fields_.find(path);
    return found != fields_.end() ? found->second : fields_.emplace(std::string(path), Field{}).first->second;
}

bool Form::dirty(std::string_view path) const {
    const Json* now = find_at(values_, path);
    const Json* before = find_at(initial_, path);
    return now == nullptr || before == nullptr ? now != before : *now != *before;
}

bool Form::touched(std::string_view path) const {
    const auto found = fields_.find(path);
    return found != fields_.end() && found->second.touched;
}

void Form::touch(std::string_view path) {
    Field& field = field_at(path);
    if (field.touched) return;
    field.touched = true;
    changed();
}

// ---- mistakes

bool Form::shows(std::string_view path) const {
    return submitted_ || mode_ == FormMode::always || (mode_ == FormMode::on_touched && touched(path));
}

std::string_view Form::error(std::string_view path) const {
    if (shows(path)) {
        const auto issue = std::find_if(issues_.begin(), issues_.end(), [&](const Issue& each) { return each.path == path; });
        if (issue != issues_.end()) return issue->message;
    }
    for (const auto& check : checks_) {
        if (check->path == path && check->is_answered && !check->problem.empty()) return check->problem;
    }
    const auto field = fields_.find(path);
    return field != fields_.end() ? std::string_view(field->second.server_error) : std::string_view();
}

std::string_view Form::form_error() const {
    if (const std::string_view whole = error(""); !whole.empty()) return whole;
    return form_error_;
}

bool Form::checking(std::string_view path) const {
    return std::any_of(checks_.begin(), checks_.end(), [&](const auto& check) { return check->path == path && (check->is_running || check->timer.pending()); });
}

bool Form::checking() const {
    return std::any_of(checks_.begin(), checks_.end(), [](const auto& check) { return check->is_running || check->timer.pending(); });
}

// ---- asynchronous checks

// The field has changed: its answer no longer counts.
void Form::plan_check(Check& check) {
    const Schema* schema = schema_.find(check.path);
    const Validation checked = schema != nullptr ? state::validate(*schema, find_at(values_, check.path)) : Validation{};
    if (checked.ok() && (check.is_running || check.is_answered) && check.value == checked.value) return;  // only blanks were typed
    check.drop();
    check.is_answered = false;
    check.problem.clear();
    if (!checked.ok()) return;
    check.value = checked.value;
    check.timer = check.scheduler->after(check.delay_ms, [this, &check] { run_check(check); });
}

void Form::run_check(Check& check) {
    check.drop();
    const std::uint64_t ticket = check.ticket;
    check.is_running = true;
    check.is_asking = true;
    auto run = check.ask(check.value, [self = self_, &check, ticket](std::string problem) {
        if (Form* form = *self; form != nullptr && check.ticket == ticket) form->answered(check, std::move(problem));
    });
    check.is_asking = false;
    if (check.ticket == ticket) check.run = std::move(run);
    else if (!starting_checks_) finish_submit();  // it answered at once
}

void Form::answered(Check& check, std::string problem) {
    const auto run = std::move(check.run);  // until the end of this call
    check.drop();
    check.is_answered = true;
    check.problem = std::move(problem);
    changed();
    if (!check.is_asking) finish_submit();
}

// Asks at once about everything that has no answer for its current value.
void Form::start_checks() {
    starting_checks_ = true;
    for (const auto& check : checks_) {
        if (check->is_answered || check->is_running || !issues_.empty()) continue;
        const Schema* schema = schema_.find(check->path);
        check->value = schema != nullptr ? state::validate(*schema, find_at(values_, check->path)).value : Json();
        run_check(*check);
    }
    starting_checks_ = false;
}

// ---- submit

bool Form::submit(base::UniqueFunction<void(Json)> send) {
    if (submitting_) return false;
    submitted_ = true;
    submitting_ = true;
    form_error_.clear();
    for (auto& [name, field] : fields_) field.server_error.clear();
    waiting_send_ = std::move(send);
    start_checks();
    const bool refused = !issues_.empty() || std::any_of(checks_.begin(), checks_.end(), [](const auto& check) { return check->is_answered && !check->problem.empty(); });
    finish_submit();
    return !refused;
}

// Sends, or gives up, once nothing has to be waited for.
void Form::finish_submit() {
    if (!waiting_send_) return;
    bool refused = !issues_.empty();
    for (const auto& check : checks_) {
        if (!refused && !check->is_answered) return;
        refused = refused || !check->problem.empty();
    }
    auto send = std::move(waiting_send_);
    waiting_send_.reset();
    if (refused) {
        submitting_ = false;
        focus_first_error();
        return changed();
    }
    changed();
    send(output_);  // may destroy *this
}

void Form::succeeded() {
    if (!submitting_) return;
    submitting_ = false;
    changed();
}

void Form::failed(std::vector<Issue> issues, std::string message) {
    submitting_ = false;
    waiting_send_.reset();
    form_error_ = std::move(message);
    for (Issue& issue : issues) {
        if (!issue.path.empty() && schema_.find(issue.path) != nullptr) {
            std::string& error = field_at(issue.path).server_error;
            if (error.empty()) error = std::move(issue.message);
            continue;
        }
        if (!form_error_.empty()) form_error_ += ' ';
        form_error_ += issue.path.empty() ? issue.message : issue.path + ": " + issue.message;
    }
    focus_first_error();
    changed();
}

void Form::failed(const base::Error& error, std::span<const FieldWords> words) {
    PlacedError placed = place_error(error, schema_, words);
    failed(std::move(placed.issues), std::move(placed.message));
}

void Form::focus_first_error() {
    std::vector<std::string_view> paths;
    for (const Issue& issue : issues_) paths.push_back(issue.path);
    for (const auto& check : checks_) {
        if (check->is_answered && !check->problem.empty()) paths.push_back(check->path);
    }
    for (const auto& [name, field] : fields_) {
        if (!field.server_error.empty()) paths.push_back(name);
    }
    std::erase_if(paths, [](std::string_view path) { return path.empty(); });
    const auto first = std::min_element(paths.begin(), paths.end(), [&](std::string_view a, std::string_view b) { return schema_.order(a) < schema_.order(b); });
    if (first != paths.end()) focus_path_ = std::string(*first);
}

std::string Form::take_focus_path() { return std::exchange(focus_path_, {}); }

// ---- lists

Json* Form::list_at(std::string_view path) {
    // Of our own values, so what was found may be written.
    auto* found = const_cast<Json*>(find_at(values_, path));
    return found != nullptr && found->is_array() ? found : nullptr;
}

const std::vector<RowId>& Form::rows(std::string_view path) {
    const auto found = rows_.find(path);
    std::vector<RowId>& ids = found != rows_.end() ? found->second : rows_[std::string(path)];
    const Json* list = list_at(path);
    const std::size_t size = list != nullptr ? list->size() : 0;
    if (ids.size() > size) ids.resize(size);
    while (ids.size() < size) ids.push_back(++last_row_);
    return ids;
}

bool Form::insert_row(std::string_view path, std::size_t index, Json value) {
    if (find_at(values_, path) == nullptr && !set_at(values_, path, Json::array())) return false;
    Json* list = list_at(path);
    if (list == nullptr || index > list->size()) return false;
    (void)rows(path);
    list->insert(list->begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
    shift_rows(path, [](std::size_t i, std::size_t at, std::size_t) { return std::optional(i < at ? i : i + 1); }, index, 0);
    std::vector<RowId>& ids = rows_.find(path)->second;
    ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(index), ++last_row_);
    value_changed(path, true);
    return true;
}

bool Form::append_row(std::string_view path, Json value) {
    const Json* list = list_at(path);
    return insert_row(path, list != nullptr ? list->size() : 0, std::move(value));
}

bool Form::remove_row(std::string_view path, std::size_t index) {
    Json* list = list_at(path);
    if (list == nullptr || index >= list->size()) return false;
    (void)rows(path);
    list->erase(index);
    shift_rows(path, [](std::size_t i, std::size_t at, std::size_t) { return i == at ? std::nullopt : std::optional(i < at ? i : i - 1); }, index, 0);
    std::vector<RowId>& ids = rows_.find(path)->second;
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(index));
    value_changed(path, true);
    return true;
}

bool Form::move_row(std::string_view path, std::size_t from, std::size_t to) {
    Json* list = list_at(path);
    if (list == nullptr || from >= list->size() || to >= list->size()) return false;
    if (from == to) return true;
    (void)rows(path);
    Json value = std::move((*list)[from]);
    list->erase(from);
    list->insert(list->begin() + static_cast<std::ptrdiff_t>(to), std::move(value));
    shift_rows(
        path,
        [](std::size_t i, std::size_t a, std::size_t b) {
            if (i == a) return std::optional(b);
            if (a < b) return std::optional(i > a && i <= b ? i - 1 : i);
            return std::optional(i >= b && i < a ? i + 1 : i);
        },
        from, to);
    std::vector<RowId>& ids = rows_.find(path)->second;
    const RowId id = ids[from];
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(from));
    ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(to), id);
    value_changed(path, true);
    return true;
}

// What is known of the rows goes where they go.
void Form::shift_rows(std::string_view path, Shift shift, std::size_t a, std::size_t b) {
    auto move_keys = [&](auto& map) {
        std::remove_reference_t<decltype(map)> moved;
        for (auto& [name, entry] : map) {
            std::string key = name;
            if (name != path && is_within(name, path)) {
                const std::size_t start = path.empty() ? 0 : path.size() + 1;
                const std::size_t end = std::min(name.find('/', start), name.size());
                const auto index = index_segment(std::string_view(name).substr(start, end - start));
                const auto to = index ? shift(*index, a, b) : std::nullopt;
                if (!to) continue;
                key = join_path(path, *to) + name.substr(end);
            }
            moved.emplace(std::move(key), std::move(entry));
        }
        map = std::move(moved);
    };
    move_keys(fields_);
    move_keys(rows_);
}

}  // namespace state
