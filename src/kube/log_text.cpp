#include "kube/log_text.hpp"

#include <array>
#include <span>
#include <utility>

#include "kube/controllers/object_access.hpp"

namespace kube {
namespace {

using controllers::format_time;

constexpr auto kPaths = std::to_array<std::string_view>(
    {"/", "/", "/products", "/products/1042", "/products/77", "/cart", "/cart/items", "/search?q=lantern", "/static/app.css", "/static/app.js",
     "/images/hero.webp", "/favicon.ico", "/api/catalog?page=2", "/api/checkout", "/login"});
constexpr auto kAgents = std::to_array<std::string_view>(
    {"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
     "curl/8.14.1"});
constexpr auto kMonths = std::to_array<std::string_view>({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

template <std::size_t N>
std::string pick(const std::array<std::string_view, N>& from, Dice& dice) {
    return std::string(from[dice.below(N)]);
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string padded(std::int64_t value, std::size_t width) {
    std::string digits = number(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// "2026-01-01T00:00:00Z" cut into what a log format wants.
struct Stamp {
    explicit Stamp(std::int64_t unix_ms) : iso(format_time(unix_ms)), millis(((unix_ms % 1000) + 1000) % 1000) {}
    [[nodiscard]] std::string date() const { return iso.substr(0, 10); }
    [[nodiscard]] std::string clock() const { return iso.substr(11, 8); }
    [[nodiscard]] std::string month() const {
        const int month = (iso[5] - '0') * 10 + (iso[6] - '0');
        return std::string(kMonths[static_cast<std::size_t>(month - 1) % kMonths.size()]);
    }
    [[nodiscard]] std::string common_log() const {  // 01/Jan/2026:00:00:00 +0000
        return iso.substr(8, 2) + "/" + month() + "/" + iso.substr(0, 4) + ":" + clock() + " +0000";
    }
    std::string iso;
    std::int64_t millis;
};

std::string client_ip(Dice& dice) { return "10.244." + number(dice.between(0, 2)) + "." + number(dice.between(2, 60)); }

std::string access_line(Dice& dice, std::int64_t unix_ms) {
    const std::string path = pick(kPaths, dice);
    const bool post = path == "/api/checkout" || path == "/login" || path == "/cart/items";
    const std::uint64_t roll = dice.below(100);
    const int status = roll < 2 ? 502 : roll < 6 ? 404 : roll < 20 ? 304 : post ? 201 : 200;
    const std::int64_t size = status == 304 ? 0 : status >= 400 ? 153 : dice.between(300, 48'000);
    return client_ip(dice) + " - - [" + Stamp(unix_ms).common_log() + "] \"" + (post ? "POST " : "GET ") + path + " HTTP/1.1\" " +
           number(status) + " " + number(size) + " \"-\" \"" + pick(kAgents, dice) + "\" \"-\"";
}

std::string trace_id(Dice& dice) {
    std::string id;
    for (int i = 0; i < 16; ++i) id += "0123456789abcdef"[dice.below(16)];
    return id;
}

std::string json_line(std::string_view level, std::string_view program, std::string_view message, std::string_view fields, std::int64_t unix_ms) {
    const Stamp at(unix_ms);
    std::string line = "{\"time\":\"" + at.iso.substr(0, 19) + "." + padded(at.millis, 3) + "Z\",\"level\":\"" + std::string(level) +
                       "\",\"service\":\"" + std::string(program) + "\",\"msg\":\"" + std::string(message) + "\"";
    if (!fields.empty()) line += "," + std::string(fields);
    return line + "}";
}

std::string checkout_entry(const std::string& program, Dice& dice, std::int64_t unix_ms) {
    const std::string trace = "\"trace_id\":\"" + trace_id(dice) + "\"";
    const std::string order = "\"order_id\":" + number(dice.between(48'000, 52'000));
    switch (dice.below(9)) {
        case 0: return json_line("info", program, "order placed", trace + "," + order + ",\"items\":" + number(dice.between(1, 7)) + ",\"total_cents\":" + number(dice.between(900, 42'000)), unix_ms);
        case 1: return json_line("info", program, "payment authorised", trace + "," + order + ",\"provider\":\"harbourpay\",\"duration_ms\":" + number(dice.between(80, 420)), unix_ms);
        case 2: return json_line("warn", program, "payment slow", trace + "," + order + ",\"duration_ms\":" + number(dice.between(1200, 3900)), unix_ms);
        case 3: return json_line("info", program, "cart priced", trace + ",\"cart_id\":\"c-" + number(dice.between(1000, 9999)) + "\",\"duration_ms\":" + number(dice.between(2, 30)), unix_ms);
        case 4: return dice.chance(25) ? json_line("error", program, "card declined", trace + "," + order + ",\"code\":\"insufficient_funds\"", unix_ms)
                                       : json_line("debug", program, "stock reserved", trace + "," + order, unix_ms);
        default: return json_line("info", program, "request", trace + ",\"method\":\"POST\",\"path\":\"/api/checkout\",\"status\":" + (dice.chance(96) ? "201" : "409") + ",\"duration_ms\":" + number(dice.between(6, 190)), unix_ms);
    }
}

std::string service_entry(const std::string& program, Dice& dice, std::int64_t unix_ms) {
    const std::string path = pick(kPaths, dice);
    const bool failed = dice.chance(2);
    return json_line(failed ? "error" : "info", program, failed ? "request failed" : "request",
                     "\"trace_id\":\"" + trace_id(dice) + "\",\"method\":\"GET\",\"path\":\"" + path + "\",\"status\":" +
                         (failed ? "503" : "200") + ",\"duration_ms\":" + number(dice.between(1, 140)),
                     unix_ms);
}

std::string java_prefix(std::string_view level, std::string_view thread, std::string_view logger, std::int64_t unix_ms) {
    const Stamp at(unix_ms);
    return at.iso.substr(0, 19) + "." + padded(at.millis, 3) + "Z " + std::string(level) + " 1 --- [" + std::string(thread) + "] " + std::string(logger) + " : ";
}

std::vector<std::string> java_entry(Dice& dice, std::int64_t unix_ms) {
    const std::string thread = "nio-8080-exec-" + number(dice.between(1, 10));
    const std::string sku = "SKU-" + number(dice.between(1000, 9999));
    if (dice.chance(3)) {
        const bool timeout = dice.chance(50);
        std::vector<std::string> lines{java_prefix("ERROR", thread, "s.h.catalog.web.ProductController       ", unix_ms) + "Could not load product " + sku};
        if (timeout) {
            lines.push_back("java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.");
            lines.push_back("\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)");
            lines.push_back("\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:179)");
        } else {
            lines.push_back("java.lang.NullPointerException: Cannot invoke \"shop.harbour.catalog.Price.amount()\" because \"price\" is null");
            lines.push_back("\tat shop.harbour.catalog.PriceFormatter.format(PriceFormatter.java:41)");
        }
        lines.push_back("\tat shop.harbour.catalog.ProductService.find(ProductService.java:" + number(dice.between(60, 190)) + ")");
        lines.push_back("\tat shop.harbour.catalog.web.ProductController.show(ProductController.java:57)");
        lines.push_back("\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)");
        lines.push_back("\tat org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:1089)");
        lines.push_back("\t... 46 common frames omitted");
        return lines;
    }
    switch (dice.below(5)) {
        case 0: return {java_prefix(" INFO", thread, "s.h.catalog.ProductService              ", unix_ms) + "Loaded " + number(dice.between(1, 48)) + " products in " + number(dice.between(3, 60)) + " ms"};
        case 1: return {java_prefix(" WARN", thread, "s.h.catalog.cache.ProductCache          ", unix_ms) + "Cache miss for " + sku};
        case 2: return {java_prefix("DEBUG", thread, "s.h.catalog.cache.ProductCache          ", unix_ms) + "Cache hit for " + sku};
        default: return {java_prefix(" INFO", thread, "s.h.catalog.web.ProductController       ", unix_ms) + "GET /api/catalog/" + sku + " 200 " + number(dice.between(2, 90)) + " ms"};
    }
}

std::string postgres_prefix(std::int64_t unix_ms, std::int64_t pid) {
    const Stamp at(unix_ms);
    return at.date() + " " + at.clock() + "." + padded(at.millis, 3) + " UTC [" + number(pid) + "] ";
}

std::string postgres_entry(Dice& dice, std::int64_t unix_ms) {
    switch (dice.below(8)) {
        case 0: return postgres_prefix(unix_ms, 27) + "LOG:  checkpoint starting: time";
        case 1: {
            const std::int64_t buffers = dice.between(12, 900);
            return postgres_prefix(unix_ms, 27) + "LOG:  checkpoint complete: wrote " + number(buffers) + " buffers (" + number(buffers / 164) + "." + number(buffers % 10) +
                   "%); 0 WAL file(s) added, 0 removed, 0 recycled; write=" + number(dice.between(1, 40)) + "." + padded(dice.between(0, 999), 3) +
                   " s, sync=0.0" + padded(dice.between(1, 99), 2) + " s, total=" + number(dice.between(41, 60)) + "." + padded(dice.between(0, 999), 3) + " s";
        }
        case 2: return postgres_prefix(unix_ms, dice.between(80, 400)) + "LOG:  duration: " + number(dice.between(250, 2400)) + "." + padded(dice.between(0, 999), 3) +
                       " ms  statement: SELECT * FROM orders WHERE customer_id = " + number(dice.between(1, 9000)) + " ORDER BY placed_at DESC LIMIT 50";
        case 3: return postgres_prefix(unix_ms, 31) + "LOG:  automatic vacuum of table \"shop.public.cart_items\": index scans: 1";
        case 4: return dice.chance(40) ? postgres_prefix(unix_ms, dice.between(80, 400)) + "ERROR:  duplicate key value violates unique constraint \"orders_pkey\""
                                       : postgres_prefix(unix_ms, dice.between(80, 400)) + "LOG:  connection authorized: user=shop database=shop application_name=checkout";
        default: return postgres_prefix(unix_ms, dice.between(80, 400)) + "LOG:  connection received: host=" + client_ip(dice) + " port=" + number(dice.between(32'768, 60'999));
    }
}

std::string redis_prefix(std::int64_t unix_ms, char role) {
    const Stamp at(unix_ms);
    return std::string("1:") + role + " " + at.iso.substr(8, 2) + " " + at.month() + " " + at.iso.substr(0, 4) + " " + at.clock() + "." + padded(at.millis, 3) + " ";
}

std::string redis_entry(Dice& dice, std::int64_t unix_ms) {
    switch (dice.below(4)) {
        case 0: return redis_prefix(unix_ms, 'M') + "* 100 changes in 300 seconds. Saving...";
        case 1: return redis_prefix(unix_ms, 'M') + "* Background saving started by pid " + number(dice.between(20, 4000));
        case 2: return redis_prefix(unix_ms, 'C') + "* DB saved on disk";
        default: return redis_prefix(unix_ms, 'M') + "* Background saving terminated with success";
    }
}

std::string mailer_entry(Dice& dice, std::int64_t unix_ms) {
    static constexpr auto kKinds = std::to_array<std::string_view>({"order-confirmation", "shipping-notice", "password-reset", "newsletter", "invoice"});
    const std::string stamp = Stamp(unix_ms).iso;
    const std::string id = "m-" + number(dice.between(100'000, 999'999));
    switch (dice.below(6)) {
        case 0: return stamp + " INFO  queue: " + number(dice.between(0, 14)) + " waiting";
        case 1: return stamp + " INFO  render " + id + " template=" + pick(kKinds, dice) + " took " + number(dice.between(4, 60)) + " ms";
        case 2: return dice.chance(30) ? stamp + " WARN  deferred " + id + ": 450 4.2.1 mailbox busy, next try in 5 m" : stamp + " DEBUG connection reused smtp.harbour.example:587";
        default: return stamp + " INFO  sent " + id + " template=" + pick(kKinds, dice) + " to=customer" + number(dice.between(1, 9999)) + "@example.com in " + number(dice.between(30, 700)) + " ms";
    }
}

std::string mysql_entry(Dice& dice, std::int64_t unix_ms) {
    const Stamp at(unix_ms);
    const std::string prefix = at.iso.substr(0, 19) + "." + padded(at.millis * 1000, 6) + "Z " + number(dice.between(8, 300));
    return dice.chance(30) ? prefix + " [Note] [MY-010914] [Server] Aborted connection to db: 'shop' user: 'shop' host: '" + client_ip(dice) + "' (Got timeout reading communication packets)."
                           : prefix + " [Note] [MY-013712] [Server] Slow query: " + number(dice.between(1, 9)) + " rows, " + number(dice.between(200, 1900)) + " ms";
}

std::string rabbit_entry(Dice& dice, std::int64_t unix_ms) {
    const Stamp at(unix_ms);
    const std::string prefix = at.date() + " " + at.clock() + "." + padded(at.millis * 1000, 6) + "+00:00 [info] <0." + number(dice.between(500, 4000)) + ".0> ";
    return dice.chance(50) ? prefix + "accepting AMQP connection " + client_ip(dice) + ":" + number(dice.between(32'768, 60'999)) + " -> 10.244.1.7:5672"
                           : prefix + "connection " + client_ip(dice) + ": user 'shop' authenticated and granted access to vhost '/'";
}

std::vector<ScriptLine> at_times(std::vector<std::string> lines, std::int64_t step_ms) {
    std::vector<ScriptLine> out;
    for (std::size_t i = 0; i < lines.size(); ++i) out.push_back({static_cast<std::int64_t>(i) * step_ms + 20, std::move(lines[i])});
    return out;
}

}  // namespace

std::vector<ScriptLine> startup_lines(ImageFlavour flavour, const std::string& program, std::uint64_t seed) {
    Dice dice(seed);
    switch (flavour) {
        case ImageFlavour::nginx:
        case ImageFlavour::storefront:
            return at_times({"/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
                             "/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh",
                             "/docker-entrypoint.sh: Configuration complete; ready for start up", "[notice] 1#1: using the \"epoll\" event method",
                             "[notice] 1#1: nginx/1.29.1", "[notice] 1#1: start worker processes"},
                            30);
        case ImageFlavour::httpd:
            return at_times({"[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.65 (Unix) configured -- resuming normal operations",
                             "[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'"},
                            60);
        case ImageFlavour::postgres:
            return at_times({"", "PostgreSQL Database directory appears to contain a database; Skipping initialization", "",
                             "LOG:  starting PostgreSQL on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
                             "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432", "LOG:  listening on Unix socket \"/var/run/postgresql/.s.PGSQL.5432\"",
                             "LOG:  database system was shut down cleanly", "LOG:  database system is ready to accept connections"},
                            90);
        case ImageFlavour::mysql:
            return at_times({"[Note] [Entrypoint]: Entrypoint script for MySQL Server started.", "[System] [MY-013576] [InnoDB] InnoDB initialization has started.",
                             "[System] [MY-013577] [InnoDB] InnoDB initialization has ended.",
                             "[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. socket: '/var/run/mysqld/mysqld.sock'  port: 3306"},
                            180);
        case ImageFlavour::redis:
            return at_times({"1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "1:C * Redis version=8.2.1, bits=64, commit=00000000, modified=0, pid=1, just started",
                             "1:M * Running mode=standalone, port=6379.", "1:M * Server initialized", "1:M * Ready to accept connections tcp"},
                            40);
        case ImageFlavour::rabbitmq:
            return at_times({"[info] Starting RabbitMQ 4.1.4 on Erlang 27.3", "[info] node           : rabbit@" + program, "[info] Running boot step database defined by app rabbit",
                             "[info] started TCP listener on [::]:5672", "[info] Server startup complete; 4 plugins started."},
                            170);
        case ImageFlavour::java:
            return at_times({"  Starting CatalogApplication using Java 21.0.8 with PID 1 (/app/app.jar started by app in /app)",
                             "  No active profile set, falling back to 1 default profile: \"default\"", "  HikariPool-1 - Starting...", "  HikariPool-1 - Start completed.",
                             "  Tomcat started on port 8080 (http) with context path '/'",
                             "  Started CatalogApplication in " + number(dice.between(1, 2)) + "." + padded(dice.between(0, 999), 3) + " seconds (process running for 2.6)"},
                            150);
        case ImageFlavour::mailer:
            return at_times({"mailer starting", "templates: 5 loaded", "smtp: connected to smtp.harbour.example:587 (STARTTLS)", "worker pool of 4 ready"}, 110);
        case ImageFlavour::checkout:
        case ImageFlavour::json:
        case ImageFlavour::service:
        case ImageFlavour::tool:
            return at_times({"{\"level\":\"info\",\"service\":\"" + program + "\",\"msg\":\"starting\",\"pid\":1}",
                             "{\"level\":\"info\",\"service\":\"" + program + "\",\"msg\":\"configuration loaded\"}",
                             "{\"level\":\"info\",\"service\":\"" + program + "\",\"msg\":\"listening\",\"addr\":\":8080\"}"},
                            100);
    }
    return {};
}

Pace pace_of(ImageFlavour flavour) {
    switch (flavour) {
        case ImageFlavour::nginx:
        case ImageFlavour::storefront:
        case ImageFlavour::httpd: return {8, 45};
        case ImageFlavour::postgres:
        case ImageFlavour::mysql:
        case ImageFlavour::rabbitmq: return {2, 12};
        case ImageFlavour::redis: return {1, 4};
        case ImageFlavour::mailer: return {4, 18};
        default: return {8, 32};
    }
}

std::vector<std::string> steady_entry(ImageFlavour flavour, const std::string& program, std::uint64_t seed, std::int64_t unix_ms) {
    Dice dice(seed);
    switch (flavour) {
        case ImageFlavour::nginx:
        case ImageFlavour::storefront:
        case ImageFlavour::httpd: return {access_line(dice, unix_ms)};
        case ImageFlavour::postgres: return {postgres_entry(dice, unix_ms)};
        case ImageFlavour::mysql: return {mysql_entry(dice, unix_ms)};
        case ImageFlavour::redis: return {redis_entry(dice, unix_ms)};
        case ImageFlavour::rabbitmq: return {rabbit_entry(dice, unix_ms)};
        case ImageFlavour::java: return java_entry(dice, unix_ms);
        case ImageFlavour::mailer: return {mailer_entry(dice, unix_ms)};
        case ImageFlavour::checkout: return {checkout_entry(program, dice, unix_ms)};
        case ImageFlavour::json:
        case ImageFlavour::service:
        case ImageFlavour::tool: return {service_entry(program, dice, unix_ms)};
    }
    return {};
}

std::string probe_line(ImageFlavour flavour, std::int64_t unix_ms) {
    if (flavour != ImageFlavour::nginx && flavour != ImageFlavour::storefront && flavour != ImageFlavour::httpd) return {};
    return "172.18.0.1 - - [" + Stamp(unix_ms).common_log() + "] \"GET /healthz HTTP/1.1\" 200 2 \"-\" \"kube-probe/1.34\" \"-\"";
}

std::vector<std::string> crash_lines(ImageFlavour flavour, const std::string& program, int exit_code) {
    const std::string code = number(exit_code);
    switch (flavour) {
        case ImageFlavour::java:
            return {"Exception in thread \"main\" java.lang.IllegalStateException: Failed to bind properties under 'shop.catalog.datasource'",
                    "\tat shop.harbour.catalog.CatalogApplication.main(CatalogApplication.java:18)",
                    "Caused by: java.net.ConnectException: Connection refused (Connection refused)",
                    "\tat java.base/java.net.Socket.connect(Socket.java:751)", "\t... 12 more"};
        case ImageFlavour::nginx:
        case ImageFlavour::storefront: return {"nginx: [emerg] host not found in upstream \"backend\" in /etc/nginx/conf.d/default.conf:12"};
        case ImageFlavour::postgres: return {"FATAL:  data directory \"/var/lib/postgresql/data\" has invalid permissions"};
        default: return {"{\"level\":\"fatal\",\"service\":\"" + program + "\",\"msg\":\"unhandled error, exiting\",\"exit_code\":" + code + "}"};
    }
}

std::vector<ScriptLine> task_lines(const std::string& program, std::int64_t duration_ms, std::uint64_t seed) {
    Dice dice(seed);
    std::vector<ScriptLine> lines{{10, program + ": starting"}};
    const std::int64_t steps = dice.between(4, 9);
    const std::int64_t rows = dice.between(120, 4000);
    for (std::int64_t i = 1; i <= steps; ++i) {
        lines.push_back({10 + (duration_ms - 60) * i / (steps + 1), program + ": step " + number(i) + "/" + number(steps) + " done, " +
                                                                     number(rows * i / steps) + " of " + number(rows) + " rows"});
    }
    lines.push_back({duration_ms - 20, program + ": finished in " + number(duration_ms / 1000) + "." + number(duration_ms % 1000 / 100) + " s"});
    return lines;
}

std::vector<std::string> shutdown_lines(ImageFlavour flavour, const std::string& program, std::int64_t unix_ms) {
    switch (flavour) {
        case ImageFlavour::nginx:
        case ImageFlavour::storefront: return {"[notice] 1#1: signal 15 (SIGTERM) received, exiting", "[notice] 1#1: exit"};
        case ImageFlavour::httpd: return {"[mpm_event:notice] [pid 1:tid 1] AH00491: caught SIGTERM, shutting down"};
        case ImageFlavour::postgres:
            return {postgres_prefix(unix_ms, 1) + "LOG:  received smart shutdown request (SIGTERM)", postgres_prefix(unix_ms, 27) + "LOG:  shutting down",
                    postgres_prefix(unix_ms, 1) + "LOG:  database system is shut down"};
        case ImageFlavour::redis:
            return {redis_prefix(unix_ms, 'M') + "# Received SIGTERM scheduling shutdown...", redis_prefix(unix_ms, 'M') + "# Redis is now ready to exit, bye bye..."};
        case ImageFlavour::java:
            return {java_prefix(" INFO", "ionShutdownHook", "o.s.b.w.e.tomcat.GracefulShutdown       ", unix_ms) + "Received SIGTERM. Commencing graceful shutdown."};
        case ImageFlavour::mysql:
        case ImageFlavour::rabbitmq:
        case ImageFlavour::mailer: return {Stamp(unix_ms).iso + " INFO  " + program + ": received SIGTERM, shutting down"};
        default: return {json_line("info", program, "received SIGTERM, shutting down", {}, unix_ms)};
    }
}

}  // namespace kube
