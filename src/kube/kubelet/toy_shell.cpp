#include "kube/kubelet/toy_shell.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace kube::kubelet {
namespace {

constexpr std::size_t kMaxStatements = 500;
constexpr std::int64_t kForEver_ms = std::int64_t{365} * 24 * 3600 * 1000;

enum class When { always, after_success, after_failure };

struct Statement {
    std::vector<std::string> words;
    When when = When::always;
};

// Splits at blanks, honours quotes and backslash; `;`, `&&`, `||` and line ends end a statement.
std::vector<Statement> read_statements(std::string_view script) {
    std::vector<Statement> statements;
    Statement current;
    std::string word;
    bool in_word = false;
    const auto end_word = [&] {
        if (in_word) current.words.push_back(std::exchange(word, {}));
        in_word = false;
    };
    const auto end_statement = [&](When next) {
        end_word();
        if (!current.words.empty() && statements.size() < kMaxStatements) statements.push_back(std::move(current));
        current = {};
        current.when = next;
    };
    char quote = 0;
    for (std::size_t i = 0; i < script.size(); ++i) {
        const char c = script[i];
        if (quote) {
            if (c == quote) {
                quote = 0;
            } else if (c == '\\' && quote == '"' && i + 1 < script.size()) {
                word += script[++i];
            } else {
                word += c;
            }
        } else if (c == '\'' || c == '"') {
            quote = c;
            in_word = true;
        } else if (c == '\\' && i + 1 < script.size()) {
            word += script[++i];
            in_word = true;
        } else if (c == ';' || c == '\n') {
            end_statement(When::always);
        } else if ((c == '&' || c == '|') && i + 1 < script.size() && script[i + 1] == c) {
            ++i;
            end_statement(c == '&' ? When::after_success : When::after_failure);
        } else if (c == ' ' || c == '\t' || c == '\r') {
            end_word();
        } else if (c == '#' && !in_word) {
            while (i + 1 < script.size() && script[i + 1] != '\n') ++i;
        } else {
            word += c;
            in_word = true;
        }
    }
    end_statement(When::always);
    return statements;
}

std::int64_t sleep_ms(std::string_view text) {
    if (text == "infinity" || text == "inf") return kForEver_ms;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0) return 0;
    double factor = 1000;
    if (end != text.data() + text.size()) factor = *end == 'm' ? 60e3 : *end == 'h' ? 3600e3 : *end == 'd' ? 86400e3 : 1000;
    return static_cast<std::int64_t>(std::min(value * factor, static_cast<double>(kForEver_ms)));
}

int number_or(const std::vector<std::string>& words, std::size_t index, int fallback) {
    int value = fallback;
    if (index < words.size()) std::from_chars(words[index].data(), words[index].data() + words[index].size(), value);
    return value & 255;
}

std::string joined(const std::vector<std::string>& words, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < words.size(); ++i) text += (i > from ? " " : "") + words[i];
    return text;
}

bool is_shell(std::string_view program) {
    const std::size_t slash = program.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? program : program.substr(slash + 1);
    return name == "sh" || name == "bash" || name == "ash" || name == "dash";
}

// Runs statements in order; stops at an end, an unknown program or a loop.
class Interpreter {
public:
    ShellRun run(const std::vector<Statement>& statements) {
        for (std::size_t i = 0; i < statements.size(); ++i) {
            const auto& words = statements[i].words;
            if (statements[i].when == When::after_success && status_ != 0) continue;
            if (statements[i].when == When::after_failure && status_ == 0) continue;
            if (words[0] == "while" || words[0] == "until") {
                run_loop(statements, i);
                return std::move(result_);
            }
            if (!step(words)) return std::move(result_);
            if (result_.duration_ms >= kForEver_ms) return std::move(result_);
            if (fail_fast_ && status_ != 0) break;
        }
        result_.exit_code = status_;
        return std::move(result_);
    }

private:
    // False when the run is decided.
    bool step(const std::vector<std::string>& all_words) {
        std::vector<std::string> words = all_words;
        if (words[0] == "exec" && words.size() > 1) words.erase(words.begin());
        const std::string& program = words[0];
        status_ = 0;
        if (program == "echo" || program == "printf") {
            std::size_t from = 1;
            while (from < words.size() && (words[from] == "-e" || words[from] == "-n")) ++from;
            say(joined(words, from));
        } else if (program == "sleep") {
            result_.duration_ms += words.size() > 1 ? sleep_ms(words[1]) : 0;
        } else if (program == "exit") {
            result_.exit_code = number_or(words, 1, 0);
            return false;
        } else if (program == "false") {
            status_ = 1;
        } else if (program == "set") {
            fail_fast_ = fail_fast_ || (words.size() > 1 && words[1].starts_with('-') && words[1].find('e') != std::string::npos);
        } else if (std::find(kSilent.begin(), kSilent.end(), program) == kSilent.end() && program.find('=') == std::string::npos) {
            result_.unknown_program = program;
            return false;
        }
        return true;
    }

    // `while <condition>; do <body>; done`: only a condition that always holds is understood.
    void run_loop(const std::vector<Statement>& statements, std::size_t at) {
        const auto& head = statements[at].words;
        const std::string condition = head.size() > 1 ? head[1] : std::string();
        const bool endless = head[0] == "while" ? condition == "true" || condition == ":" || condition == "1" : condition == "false";
        if (!endless) {
            result_.unknown_program = head[0];
            return;
        }
        Interpreter body;
        for (std::size_t i = at + 1; i < statements.size(); ++i) {
            std::vector<std::string> words = statements[i].words;
            if (words[0] == "do") words.erase(words.begin());
            if (words.empty()) continue;
            if (words[0] == "done") break;
            if (!body.step(words)) {
                const bool ends = body.result_.exit_code.has_value();
                for (ScriptLine& line : body.result_.lines) result_.lines.push_back({result_.duration_ms + line.at_ms, std::move(line.text)});
                result_.duration_ms += body.result_.duration_ms;
                if (ends) result_.exit_code = body.result_.exit_code;
                result_.unknown_program = body.result_.unknown_program;
                return;
            }
        }
        result_.loop = Loop{result_.duration_ms, std::max<std::int64_t>(1, body.result_.duration_ms), std::move(body.result_.lines)};
        if (result_.loop->period_ms < 20) result_.loop->period_ms = 20;  // a busy loop would write for ever
    }

    void say(std::string text) { result_.lines.push_back({result_.duration_ms, std::move(text)}); }

    static constexpr std::array<std::string_view, 10> kSilent{"true", ":", "cd", "export", "trap", "mkdir", "touch", "rm", "wait", "date"};

    ShellRun result_;
    int status_ = 0;
    bool fail_fast_ = false;
};

}  // namespace

std::optional<ShellRun> interpret(const std::vector<std::string>& argv) {
    if (argv.empty() || argv[0].empty()) return std::nullopt;
    if (is_shell(argv[0])) {
        for (std::size_t i = 1; i + 1 < argv.size(); ++i) {
            const std::string& option = argv[i];
            if (option.size() > 1 && option.starts_with('-') && option.ends_with('c')) {
                Interpreter shell;
                auto statements = read_statements(argv[i + 1]);
                if (option.find('e') != std::string::npos) statements.insert(statements.begin(), Statement{{"set", "-e"}, When::always});
                return shell.run(statements);
            }
        }
        ShellRun nothing;  // a shell without a terminal reads the end of its input
        nothing.exit_code = 0;
        return nothing;
    }
    std::vector<Statement> one{{argv, When::always}};
    if (const std::size_t slash = argv[0].rfind('/'); slash != std::string::npos) one[0].words[0] = argv[0].substr(slash + 1);
    if (one[0].words[0].empty()) return std::nullopt;
    return Interpreter().run(one);
}

}  // namespace kube::kubelet
