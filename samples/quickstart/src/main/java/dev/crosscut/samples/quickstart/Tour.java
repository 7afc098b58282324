package dev.crosscut.samples.quickstart;

import dev.crosscut.metrics.SloCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Starts the quickstart as a process of its own, sends it real requests, and shows each with its reply and the log lines
 * that it caused. Says of each promise whether it was kept.
 */
public final class Tour {

    private static final String HELP = """
            Usage: samples/quickstart/tour [--help] [--color]

            Starts the quickstart on free ports, sends it real requests, and shows each with
            its reply and the log lines that it caused, two of them whole, as JSON.

              --color   in colours; that is the default on a terminal, unless NO_COLOR is set

            Exits with 0 when all is as promised, with 1 when something is not.""";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ID = "X-Correlation-ID";
    private static final String KEY = "Idempotency-Key";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final Pattern SERIES = Pattern.compile("(http_server_[a-z_]+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)!?=\"");
    private static final String COUNT = "http_server_request_duration_seconds_count{";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final List<String> stdout = new CopyOnWriteArrayList<>();
    private final Report report;

    private Tour(Report report) {
        this.report = report;
    }

    /**
     * Runs the tour. Exits with 0 when every promise was kept, with 1 when one was not, with 2 when called wrongly.
     *
     * @param arguments {@code --help}, {@code --color}, or nothing
     * @throws Exception if the quickstart cannot be started
     */
    public static void main(String[] arguments) throws Exception {
        boolean coloured = false;
        for (String argument : arguments) {
            switch (argument) {
                case "--help" -> {
                    System.out.println(HELP);
                    return;
                }
                case "--color" -> coloured = true;
                default -> {
                    System.err.println("tour: unknown argument '" + argument + "'; see tour --help");
                    System.exit(2);
                }
            }
        }
        System.exit(run(new Report(System.out, coloured)) ? 0 : 1);
    }

    /** Whether every promise was kept. */
    static boolean run(Report report) throws Exception {
        return new Tour(report).run();
    }

    private boolean run() throws Exception {
        report.title("Crosscut: a payments service, the ledger that it calls, and what their log says");
        Process quickstart = start(Map.of());
        try {
            URI payments = announced(quickstart);
            correlation(payments);
            tracing(payments);
            metrics(payments);
            objectives(payments);
            idempotency(payments);
            logging(payments);
            badInput(payments);
            stop(quickstart);
            crash();
        } finally {
            quickstart.destroyForcibly();
        }
        return report.finish();
    }

    private void correlation(URI payments) throws Exception {
        report.step("A request without a correlation id gets one");
        HttpResponse<String> health = send(payments, "GET", "/health", "");
        String generated = id(health);
        lines(generated, 1);
        report.promise("it is answered with 200", health.statusCode() == 200);
        report.promise(
                "the reply carries a new id, a UUID of version 7", generated.matches("[0-9a-f-]{14}7[0-9a-f-]{21}"));

        report.step("A correlation id crosses services and threads");
        String order = "{\"amount\": 1250, \"currency\": \"EUR\", \"to\": \"acct-2\"}";
        HttpResponse<String> paid = send(payments, "POST", "/payments", order, ID, "order-4711");
        List<Map<String, Object>> lines = lines("order-4711", 5);
        String location = paid.headers().firstValue("Location").orElse("");
        report.promise(
                "it is answered with 201 and a Location",
                paid.statusCode() == 201 && location.startsWith("/payments/pay-"));
        report.promise("the reply carries the same id", id(paid).equals("order-4711"));
        report.promise("the payments service logged under it", has(lines, "payments", "paid 1250 EUR"));
        report.promise("the ledger service logged under it", has(lines, "ledger", "booked 1250 EUR"));
        report.promise("so did a thread in the background", has(lines, "payments", "sent the receipt"));
        report.promise(
                "each service wrote one access line",
                access(lines, "/payments") == 1 && access(lines, "/entries") == 1);

        report.step("A payment can be looked up");
        HttpResponse<String> found = send(payments, "GET", location, "");
        List<Map<String, Object>> looked = lines(id(found), 1);
        report.promise(
                "it is answered with the payment",
                found.statusCode() == 200 && found.body().equals(paid.body()));
        report.promise(
                "its access line has the route, beside the path",
                has(looked, "crosscut.access", "GET /payments/* 200") && access(looked, location) == 1);
    }

    private void tracing(URI payments) throws Exception {
        report.step("A trace that a caller has begun goes on through both services");
        String order = "{\"amount\": 90, \"currency\": \"EUR\", \"to\": \"acct-2\"}";
        HttpResponse<String> paid =
                send(payments, "POST", "/payments", order, "traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01");
        List<Map<String, Object>> lines = lines(id(paid), 5);
        report.promise(
                "each line of both services carries the caller's trace",
                lines.stream().allMatch(line -> TRACE.equals(line.get("trace.id"))));
        report.promise(
                "each service has a span of its own",
                span(lines, "/payments").length() == 16
                        && !span(lines, "/payments").equals(span(lines, "/entries")));
    }

    private static String span(List<Map<String, Object>> lines, String path) {
        return lines.stream()
                .filter(line -> isAccess(line, path))
                .map(line -> String.valueOf(line.get("span.id")))
                .findFirst()
                .orElse("");
    }

    private void metrics(URI payments) throws Exception {
        report.step("A tenant that is known has a tier, one that is not has none");
        String order = "{\"amount\": 90, \"currency\": \"EUR\", \"to\": \"acct-2\"}";
        HttpResponse<String> known = send(payments, "POST", "/payments", order, "X-Tenant", "acme");
        List<Map<String, Object>> lines = lines(id(known), 5);
        report.promise(
                "each line of the request has the tenant",
                count(lines, line -> isAccess(line, "/payments") && line.containsValue("acme")) == 1);
        HttpResponse<String> unknown = send(payments, "POST", "/payments", order, "X-Tenant", "nobody");
        lines(id(unknown), 5);

        report.step("What was measured can be scraped by Prometheus");
        HttpResponse<String> scraped = scrape(
                payments, "text/plain", line -> line.startsWith(COUNT) && line.contains("http_route=\"/payments\""));
        report.promise(
                "it is answered in the text format of Prometheus",
                scraped.statusCode() == 200 && contentType(scraped).startsWith("text/plain; version=0.0.4"));
        report.promise(
                "requests are counted by route, status and tier",
                scraped.body()
                        .lines()
                        .anyMatch(line -> line.startsWith(COUNT)
                                && line.contains("http_route=\"/payments\"")
                                && line.contains("http_response_status_code=\"201\"")
                                && line.contains("crosscut_tenant_tier=\"gold\"")));
        report.promise(
                "nothing that a client sent is a value: no path, no tenant that is not known",
                !scraped.body().contains("/payments/pay-") && !scraped.body().contains("nobody"));
        report.promise(
                "calls to the ledger are measured too",
                scraped.body()
                        .lines()
                        .anyMatch(line -> line.startsWith("http_client_request_duration_seconds_count{")));

        report.step("A bucket has an example: a trace that it counted");
        HttpResponse<String> traced = send(
                payments,
                "POST",
                "/payments",
                order,
                "X-Tenant",
                "globex",
                "traceparent",
                "00-" + TRACE + "-00f067aa0ba902b7-01");
        lines(id(traced), 5);
        HttpResponse<String> examples =
                scrape(payments, "application/openmetrics-text", line -> line.contains(" # {") && line.contains(TRACE));
        report.promise(
                "it is answered in OpenMetrics", contentType(examples).startsWith("application/openmetrics-text"));
        report.promise(
                "a bucket names the trace that the caller had begun",
                examples.body().lines().anyMatch(line -> line.contains("_bucket{") && line.contains(TRACE)));
    }

    private void objectives(URI payments) throws Exception {
        report.step("Rules and alerts are made of the objectives in crosscut.properties");
        Path folder = Files.createTempDirectory("slo");
        try {
            Process command = java(SloCommand.class, "--service", "payments", "--out", folder.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            report.command(
                    "crosscut-slo --service payments --out DIRECTORY", said.replace(folder.toString(), "DIRECTORY"));
            report.promise("each file is written", command.waitFor() == 0 && said.contains("payments.dashboard.json"));
            String rules = Files.readString(folder.resolve("payments.rules.yml"));
            report.note("an alert of it");
            report.text(rules.lines()
                    .dropWhile(line -> !line.contains("- alert: "))
                    .takeWhile(line -> !line.contains("annotations:"))
                    .toList());
            String scraped = http.send(
                            HttpRequest.newBuilder(payments.resolve("/metrics"))
                                    .timeout(PATIENCE)
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            List<MatchResult> series = SERIES.matcher(rules).results().toList();
            report.promise(
                    "the rules name the very series and labels that /metrics has",
                    !series.isEmpty() && series.stream().allMatch(each -> isScraped(each, scraped)));
        } finally {
            deleteAll(folder);
        }
    }

    /** Whether a line of the scrape is of that name and has each label; the one of the job is Prometheus' own. */
    private static boolean isScraped(MatchResult series, String scraped) {
        List<String> labels = LABEL.matcher(series.group(2))
                .results()
                .map(label -> label.group(1))
                .filter(label -> !label.equals("job"))
                .toList();
        return scraped.lines()
                .anyMatch(line -> line.startsWith(series.group(1) + "{")
                        && labels.stream().allMatch(label -> line.matches(".*[{,]" + label + "=\".*")));
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Scrapes, and shows the lines that are meant. */
    private HttpResponse<String> scrape(URI service, String accept, Predicate<String> shown) throws Exception {
        String[] headers = {"Accept", accept};
        HttpRequest request = HttpRequest.newBuilder(service.resolve("/metrics"))
                .timeout(PATIENCE)
                .headers(headers)
                .build();
        report.request("GET", "/metrics", headers, "");
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        List<String> lines = response.body().lines().filter(shown).toList();
        report.reply(
                response.statusCode(),
                List.of("Content-Type: " + contentType(response)),
                String.join("\n     ", lines));
        return response;
    }

    private static String contentType(HttpResponse<String> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    private void idempotency(URI payments) throws Exception {
        report.step("A payment that is sent twice with one key is made once");
        String order = "{\"amount\": 4200, \"currency\": \"EUR\", \"to\": \"acct-2\"}";
        HttpResponse<String> first = send(payments, "POST", "/payments", order, KEY, "\"order-1\"");
        lines(id(first), 5);
        HttpResponse<String> again = send(payments, "POST", "/payments", order, KEY, "\"order-1\"");
        List<Map<String, Object>> replay = lines(id(again), 1);
        report.promise(
                "both are answered with 201 and the same payment",
                first.statusCode() == 201
                        && again.statusCode() == 201
                        && first.body().equals(again.body()));
        report.promise(
                "the second reply says that it is a replay",
                again.headers().firstValue("Idempotent-Replayed").orElse("").equals("true"));
        report.promise("nothing was booked for it", !has(replay, "ledger", "booked"));
        report.promise(
                "its access line says so",
                count(replay, line -> isAccess(line, "/payments") && line.containsValue("replayed")) == 1);

        report.step("A key is of one payment");
        HttpResponse<String> other =
                send(payments, "POST", "/payments", order.replace("4200", "9900"), KEY, "\"order-1\"");
        lines(id(other), 1);
        report.promise("another payment with it is answered with 422", isProblem(other, 422));
        HttpResponse<String> malformed = send(payments, "POST", "/payments", order, KEY, "order-1");
        lines(id(malformed), 1);
        report.promise("one without its quotation marks with 400", isProblem(malformed, 400));

        report.step("A payment that is under way is not begun a second time");
        String slow = order.replace("acct-2", "acct-slow");
        CompletableFuture<HttpResponse<String>> paying = sendAsync(payments, slow, "\"order-2\"");
        await(line -> message(line).startsWith("booked 4200 EUR")
                && String.valueOf(line.get("correlation_id")).equals("slow-order-2"));
        HttpResponse<String> conflict = send(payments, "POST", "/payments", slow, KEY, "\"order-2\"");
        lines(id(conflict), 1);
        report.promise(
                "it is answered with 409, and when to try again",
                isProblem(conflict, 409)
                        && conflict.headers().firstValue("Retry-After").isPresent());
        report.promise(
                "the first comes to its end",
                paying.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode() == 201);
    }

    private void crash() throws Exception {
        report.step("A payment that was cut off by a crash is finished by its retry, and booked once");
        report.note("the quickstart runs again, with its keys in a database file (CROSSCUT_IDEMPOTENCY_STORE=jdbc)");
        Path folder = Files.createTempDirectory("keys");
        Map<String, String> settings = Map.of(
                "CROSSCUT_IDEMPOTENCY_STORE", "jdbc",
                "CROSSCUT_IDEMPOTENCY_JDBC_URL", "jdbc:h2:" + folder.resolve("keys"),
                "CROSSCUT_IDEMPOTENCY_JDBC_SCHEMA", "create",
                "CROSSCUT_IDEMPOTENCY_LEASE", "1s");
        String slow = "{\"amount\": 7700, \"currency\": \"EUR\", \"to\": \"acct-slow\"}";
        Process first = start(settings);
        Process second = null;
        try {
            var unused = sendAsync(announced(first), slow, "\"order-3\"");
            await(line -> "slow-order-3".equals(line.get("correlation_id")) && isAccess(line, "/entries"));
            first.destroyForcibly().waitFor();
            report.log(linesOf("slow-order-3"));
            report.note("killed (SIGKILL) after the ledger had booked it, and before the client had an answer");

            second = start(settings);
            URI payments = announced(second);
            HttpResponse<String> retried = send(payments, "POST", "/payments", slow, KEY, "\"order-3\"");
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (retried.statusCode() == 409 && System.nanoTime() - deadline < 0) {
                LockSupport.parkNanos(200_000_000);
                retried = send(payments, "POST", "/payments", slow, KEY, "\"order-3\"");
            }
            List<Map<String, Object>> lines = lines(id(retried), 4);
            report.promise("the retry is answered with 201", retried.statusCode() == 201);
            report.promise(
                    "its access line says that the payment was made again",
                    count(lines, line -> isAccess(line, "/payments") && line.containsValue("re-executed")) == 1);
            report.promise(
                    "and that of the ledger that nothing was booked again: it got the same key",
                    count(lines, line -> isAccess(line, "/entries") && line.containsValue("replayed")) == 1
                            && !has(lines, "ledger", "booked"));
        } finally {
            first.destroyForcibly();
            if (second != null) {
                second.destroyForcibly().waitFor();
            }
            deleteAll(folder);
        }
    }

    private CompletableFuture<HttpResponse<String>> sendAsync(URI service, String body, String key) {
        String[] headers = {KEY, key, ID, "slow-" + key.replace("\"", "")};
        report.request("POST", "/payments", headers, body);
        return http.sendAsync(
                HttpRequest.newBuilder(service.resolve("/payments"))
                        .timeout(PATIENCE)
                        .headers(headers)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Waits for a line. */
    private void await(Predicate<Map<String, Object>> which) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (stdout.stream().filter(Tour::isJson).map(Tour::parse).noneMatch(which)
                && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    private void logging(URI payments) throws Exception {
        report.step("A card number is masked on every line");
        HttpResponse<String> paid = send(
                payments,
                "POST",
                "/payments",
                "{\"amount\": 700, \"currency\": \"EUR\", \"to\": \"4111-1111-1111-1111\"}");
        List<Map<String, Object>> masked = lines(id(paid), 5);
        report.promise("it is answered with 201", paid.statusCode() == 201);
        report.promise(
                "the line of the payment has the last four digits", has(masked, "payments", "paid 700 EUR to ***1111"));
        report.promise("and no line has all of them", stdout.stream().noneMatch(line -> line.contains("4111-1111")));
        report.promise("a request that goes well has no debug lines", !hasLevel(masked, "DEBUG"));
        report.note("the line of the payment, as it came");
        whole(id(paid), line -> message(line).startsWith("paid 700 EUR"));
        report.note("and its access line");
        whole(id(paid), line -> isAccess(line, "/payments"));
        report.promise(
                "the access line says what was asked for, how it came out and how long it took",
                count(
                                masked,
                                line -> isAccess(line, "/payments")
                                        && "POST".equals(line.get("http.request.method"))
                                        && Integer.valueOf(201).equals(line.get("http.response.status_code"))
                                        && line.get("event.duration") instanceof Number)
                        == 1);

        report.step("A request that fails is explained by its debug lines");
        HttpResponse<String> failed = send(
                payments, "POST", "/payments", "{\"amount\": 700, \"currency\": \"EUR\", \"to\": \"acct-closed\"}");
        List<Map<String, Object>> explained = lines(id(failed), 5);
        report.promise("it is answered with 502 as application/problem+json", isProblem(failed, 502));
        report.promise(
                "its debug lines were written, although the level is INFO",
                has(explained, "payments", "asks the ledger to book 700 EUR") && hasLevel(explained, "DEBUG"));
        report.promise(
                "and none but those of the loggers that were named",
                count(
                                explained,
                                line -> "DEBUG".equals(line.get("log.level"))
                                        && !"payments".equals(line.get("log.logger")))
                        == 0);
        report.promise(
                "its access line is an error",
                count(explained, line -> isAccess(line, "/payments") && "ERROR".equals(line.get("log.level"))) == 1);
    }

    private static boolean hasLevel(List<Map<String, Object>> lines, String level) {
        return count(lines, line -> level.equals(line.get("log.level"))) > 0;
    }

    private void badInput(URI payments) throws Exception {
        report.step("What is not JSON gets a problem (RFC 9457)");
        HttpResponse<String> notJson = send(payments, "POST", "/payments", "{\"amount\": 12");
        lines(id(notJson), 1);
        report.promise("it is answered with 400 as application/problem+json", isProblem(notJson, 400));

        report.step("So does an amount that cannot be paid");
        HttpResponse<String> badAmount =
                send(payments, "POST", "/payments", "{\"amount\": -5, \"currency\": \"EUR\", \"to\": \"acct-2\"}");
        lines(id(badAmount), 1);
        report.promise("it is answered with 400 as application/problem+json", isProblem(badAmount, 400));
        report.promise(
                "the problem names the value and what was expected",
                badAmount.body().contains("amount is -5; expected"));

        report.step("So does an amount that is text, although it could be read as a number");
        HttpResponse<String> text = send(
                payments, "POST", "/payments", "{\"amount\": \"1250\", \"currency\": \"EUR\", \"to\": \"acct-2\"}");
        lines(id(text), 1);
        report.promise("it is answered with 400 as application/problem+json", isProblem(text, 400));

        report.step("So does a payment that does not exist");
        HttpResponse<String> missing = send(payments, "GET", "/payments/none", "");
        lines(id(missing), 1);
        report.promise("it is answered with 404 as application/problem+json", isProblem(missing, 404));

        report.step("A correlation id that could forge a log line is replaced");
        HttpResponse<String> forged =
                send(payments, "GET", "/health", "", ID, "forged\",\"log.level\":\"ERROR\",\"a\":\"");
        lines(id(forged), 1);
        report.promise("the reply carries a new id instead", id(forged).length() == 36);
        report.promise(
                "no line has the forged one, escaped or not",
                stdout.stream().noneMatch(line -> line.contains("forged")));
    }

    private void stop(Process quickstart) throws Exception {
        report.step("It stops when it is told to");
        quickstart.toHandle().destroy(); // unlike Process.destroy, leaves its output to be read
        report.promise("within ten seconds", quickstart.waitFor(10, TimeUnit.SECONDS));
        report.promise(
                "and wrote nothing but JSON to stdout, one object a line",
                stdout.stream().allMatch(Tour::isJson));
    }

    // The process

    /** A program on the class path of this one, without settings from outside. */
    private static ProcessBuilder java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("CROSSCUT_"));
        return builder;
    }

    private Process start(Map<String, String> settings) throws IOException {
        ProcessBuilder builder = java(Quickstart.class);
        builder.environment().put("PORT", "0");
        builder.environment().putAll(settings);
        Process process = builder.start();
        daemon(() -> process.inputReader(StandardCharsets.UTF_8).lines().forEach(stdout::add));
        return process;
    }

    /** Waits for the address that the quickstart says on stderr; shows what it says instead where it does not start. */
    private static URI announced(Process process) throws Exception {
        CompletableFuture<URI> address = new CompletableFuture<>();
        List<String> said = new CopyOnWriteArrayList<>();
        daemon(() -> {
            BufferedReader stderr =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
            stderr.lines().forEach(line -> {
                said.add(line);
                if (line.strip().startsWith("payments ")) {
                    address.complete(URI.create(
                            line.strip().substring("payments ".length()).strip()));
                }
            });
            address.completeExceptionally(
                    new IllegalStateException("the quickstart ended before it was ready:\n" + String.join("\n", said)));
        });
        try {
            return address.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "the quickstart was not ready after " + PATIENCE + ":\n" + String.join("\n", said), e);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "tour");
        thread.setDaemon(true);
        thread.start();
    }

    // Requests and their log lines

    private HttpResponse<String> send(URI service, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(service.resolve(path)).timeout(PATIENCE);
        request.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        report.request(method, path, headers, body);
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        List<String> shown = new ArrayList<>();
        for (String name : List.of("Content-Type", "Location", "Idempotent-Replayed", "Retry-After", ID)) {
            response.headers().firstValue(name).ifPresent(value -> shown.add(name + ": " + value));
        }
        report.reply(response.statusCode(), shown, response.body());
        return response;
    }

    private static String id(HttpResponse<String> response) {
        return response.headers().firstValue(ID).orElse("");
    }

    private static boolean isProblem(HttpResponse<String> response, int status) {
        return response.statusCode() == status
                && response.headers().firstValue("Content-Type").orElse("").equals("application/problem+json");
    }

    /** The lines with this correlation id, once there are as many as expected; shows them. */
    private List<Map<String, Object>> lines(String id, int expected) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Map<String, Object>> found = linesOf(id);
        while (found.size() < expected && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(5_000_000);
            found = linesOf(id);
        }
        report.log(found);
        report.promise(
                expected == 1 ? "its log line carries the id" : "its log lines carry the id", found.size() >= expected);
        return found;
    }

    private List<Map<String, Object>> linesOf(String id) {
        return stdout.stream()
                .filter(Tour::isJson)
                .map(Tour::parse)
                .filter(line -> id.equals(line.get("correlation_id")))
                .toList();
    }

    /** Shows the lines with this correlation id that are meant, as they came. */
    private void whole(String id, Predicate<Map<String, Object>> which) {
        for (String line : stdout) {
            if (isJson(line) && id.equals(parse(line).get("correlation_id")) && which.test(parse(line))) {
                report.json(line);
            }
        }
    }

    private static boolean isJson(String line) {
        try {
            return !parse(line).isEmpty();
        } catch (RuntimeException e) {
            return false;
        }
    }

    @SuppressWarnings("unchecked") // a JSON object is a map by its names
    private static Map<String, Object> parse(String line) {
        return Json.read(line.getBytes(StandardCharsets.UTF_8), Map.class);
    }

    private static boolean has(List<Map<String, Object>> lines, String logger, String message) {
        return count(
                        lines,
                        line -> logger.equals(line.get("log.logger"))
                                && message(line).startsWith(message))
                > 0;
    }

    private static long access(List<Map<String, Object>> lines, String path) {
        return count(lines, line -> isAccess(line, path));
    }

    private static boolean isAccess(Map<String, Object> line, String path) {
        return "crosscut.access".equals(line.get("log.logger")) && path.equals(line.get("url.path"));
    }

    private static long count(List<Map<String, Object>> lines, Predicate<Map<String, Object>> which) {
        return lines.stream().filter(which).count();
    }

    private static String message(Map<String, Object> line) {
        return String.valueOf(line.get("message"));
    }
}
