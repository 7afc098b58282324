package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The command crosscut-idempotency, as one who calls it sees it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IdempotencyCommandTest {

    private static final String KEY = "key-7f3a";
    private static final String HASH = "ab".repeat(32);

    /** Stores of a stranger's jar: one that others see too, one that nobody can look into, one that talks, and one that is gone. */
    private static final String STORES = """
            import dev.crosscut.core.*;
            import dev.crosscut.idempotency.*;
            import java.nio.ByteBuffer;
            import java.time.Duration;
            import java.util.List;
            public abstract class Stores implements StoreProvider {
                public static final IdempotencyStore RECORDS = IdempotencyStore.embedded(1 << 20);
                public String name() { return getClass().getSimpleName().toLowerCase(); }
                public List<Setting<?>> settings() { return List.of(); }
                public static final class Shared extends Stores {
                    public IdempotencyStore open(Settings settings) { return RECORDS; }
                }
                public static final class Closed extends Stores {
                    public IdempotencyStore open(Settings settings) {
                        return new IdempotencyStore() {
                            public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
                                return RECORDS.claim(key, fingerprint, terms);
                            }
                            public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
                                return RECORDS.complete(ticket, outcome, retention);
                            }
                            public boolean release(Ticket ticket) { return RECORDS.release(ticket); }
                            public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
                                return RECORDS.renew(ticket, lease, progress);
                            }
                        };
                    }
                }
                public static final class Chatty extends Stores {
                    public IdempotencyStore open(Settings settings) {
                        System.out.println("the driver says hello");
                        return RECORDS;
                    }
                }
                public static final class Gone extends Stores {
                    public IdempotencyStore open(Settings settings) {
                        throw new IllegalStateException("the database at db:5432 cannot be used",
                                new java.io.IOException("connection refused"));
                    }
                }
            }
            """;

    @TempDir
    private static Path jar;

    @TempDir
    private Path folder;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private Path config;
    private URLClassLoader loader;
    private IdempotencyStore records;
    private String stdin = "";
    private String stdout = "";
    private String stderr = "";

    @BeforeAll
    static void compile() throws Exception {
        Path source = Files.writeString(jar.resolve("Stores.java"), STORES);
        String path =
                location(Crosscut.class) + System.getProperty("path.separator") + location(IdempotencyPlugin.class);
        StringWriter output = new StringWriter();
        PrintWriter printer = new PrintWriter(output);
        int result = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(printer, printer, "-proc:none", "-cp", path, "-d", jar.toString(), source.toString());
        assertThat(result).as("%s", output).isZero();
        Path services = Files.createDirectories(jar.resolve("META-INF").resolve("services"));
        Files.writeString(
                services.resolve(StoreProvider.class.getName()),
                "Stores$Shared\nStores$Closed\nStores$Chatty\nStores$Gone\n");
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** Each test has a loader, and so records, of its own. */
    @BeforeEach
    void load() throws Exception {
        loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(loader);
        records = (IdempotencyStore)
                loader.loadClass("Stores").getField("RECORDS").get(null);
        config = folder.resolve("service.properties");
        configure("shared");
    }

    private void configure(String store, String... more) throws IOException {
        Files.writeString(config, "crosscut.idempotency.store=" + store + "\n" + String.join("\n", more));
    }

    @AfterEach
    void restore() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        loader.close();
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config.toString()));
        return runAlone(all.toArray(String[]::new));
    }

    private int runAlone(String... arguments) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = IdempotencyCommand.run(
                arguments,
                new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        stdout = outBytes.toString(StandardCharsets.UTF_8);
        stderr = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private Map<?, ?> json() {
        return JsonMapper.builder().build().readValue(stdout, Map.class);
    }

    private Ticket claim(RecordKey key) {
        ClaimTerms terms = new ClaimTerms(7, Duration.ofSeconds(30), Duration.ofHours(24), Optional.empty());
        return ((Claim.Granted) records.claim(key, Fingerprint.NONE, terms)).ticket();
    }

    private void complete(RecordKey key) {
        records.complete(claim(key), ByteBuffer.allocate(12), Duration.ofHours(24));
    }

    @Test
    void a_record_is_found_by_its_hash() {
        complete(RecordKey.parse(HASH));

        assertThat(run("find", HASH)).as(stderr).isZero();

        assertThat(stdout)
                .contains("record       " + HASH)
                .contains("state        done: its outcome is there")
                .contains("epoch        1,")
                .contains("lease        none")
                .contains("retention    23 h 59 min")
                .contains("outcome      12 bytes");
        assertThat(stderr).isEmpty();
    }

    @Test
    void as_json_it_says_the_same_for_programs() {
        claim(RecordKey.parse(HASH));

        assertThat(run("find", HASH, "--json")).as(stderr).isZero();

        Map<?, ?> record = json();
        assertThat(record.get("record")).isEqualTo(HASH);
        assertThat(record.get("state")).isEqualTo("running");
        assertThat(record.get("epoch")).isEqualTo(1);
        assertThat((Integer) record.get("lease_ms")).isBetween(1, 30_000);
        assertThat((Integer) record.get("retention_ms")).isBetween(1, 86_400_000);
    }

    @Test
    void the_hash_of_a_request_is_the_one_on_its_access_line() throws IOException {
        configure("shared", "crosscut.idempotency.route.pay=POST /payments");
        TestExchange exchange =
                TestExchange.payment(KEY).knowing(Key.TENANT, "acme").knowing(Key.CALLER, "ann");
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new IdempotencyPlugin())
                .source(Source.file(config))
                .build()) {
            Call call = crosscut.begin(exchange);
            call.end(Outcome.cancelled("the client is gone"));
        }
        String hash = exchange.recordKey().orElseThrow();

        for (String key : List.of(KEY, '"' + KEY + '"')) {
            String[] whose = {"hash", "--key", key, "--request", "POST /payments", "--tenant", "acme", "--caller", "ann"
            };
            assertThat(run(whose)).as(stderr).isZero();
            assertThat(stdout).isEqualTo(hash + System.lineSeparator());
        }
        assertThat(run("hash", "--key", KEY, "--request", "POST /payments", "--tenant", "globex"))
                .isZero();
        assertThat(stdout).doesNotContain(hash);
        assertThat(run("find", "--key", KEY, "--request", "POST /payments", "--tenant", "acme", "--caller", "ann"))
                .as(stderr)
                .isZero();
        assertThat(stdout).contains("record       " + hash).contains("state        ");
    }

    @Test
    void a_request_of_no_route_in_the_settings_is_found_by_its_route_or_its_path() {
        RecordKey byRoute = RecordKey.of("http", List.of("", "", "POST", "/orders/{id}"), KEY);
        RecordKey byPath = RecordKey.of("http", List.of("", "", "POST", "/orders/17"), KEY);

        run("hash", "--key", KEY, "--request", "POST /orders/17?fast=true", "--route", "/orders/{id}");
        assertThat(stdout).contains(byRoute.toString());
        run("hash", "--key", KEY, "--request", "POST /orders/17");
        assertThat(stdout).contains(byPath.toString());
    }

    @Test
    void the_key_of_an_operation_is_found_by_its_name_and_the_parts_of_its_scope() {
        complete(RecordKey.of("charge", List.of("acme", "eu"), KEY));

        assertThat(run("find", "--key", KEY, "--operation", "charge", "--scope", "acme", "--scope", "eu"))
                .as(stderr)
                .isZero();
        assertThat(run("find", "--key", KEY, "--operation", "charge", "--scope", "eu", "--scope", "acme"))
                .isEqualTo(1);
    }

    @Test
    void the_key_comes_from_stdin_where_it_is_not_to_be_on_the_command_line() {
        stdin = KEY + "\nmore\n";

        assertThat(run("hash", "--key", "-", "--operation", "charge", "--json")).isZero();

        assertThat(json().get("record"))
                .isEqualTo(RecordKey.of("charge", List.of(), KEY).toString());
    }

    @Test
    void no_key_is_ever_shown() {
        assertThat(run("find", "--key", KEY, "--operation", "charge")).isEqualTo(1);
        assertThat(stdout + stderr).contains("there is no record ").doesNotContain(KEY);

        assertThat(run("find", KEY)).isEqualTo(2);
        assertThat(stdout + stderr)
                .contains("the hash has 8 characters; expected 64 hexadecimal digits, as idempotency_record has")
                .doesNotContain(KEY);

        assertThat(run("hash", "--key", '"' + KEY, "--request", "POST /payments"))
                .isEqualTo(2);
        assertThat(stdout + stderr).contains("--key is ").doesNotContain(KEY);
    }

    @Test
    void an_expired_record_can_be_claimed_anew() {
        RecordKey key = RecordKey.parse(HASH);
        complete(key);

        assertThat(run("expire", HASH)).as(stderr).isZero();

        assertThat(stdout).contains("The record " + HASH + ", which was done, is forgotten");
        assertThat(claim(key).epoch()).isEqualTo(1);
    }

    @Test
    void a_record_whose_owner_is_at_work_is_expired_by_force_alone() {
        claim(RecordKey.parse(HASH));

        assertThat(run("expire", HASH)).isEqualTo(1);
        assertThat(stderr).contains("its owner is at work").contains("--force");
        assertThat(run("find", HASH)).isZero();

        assertThat(run("expire", HASH, "--force", "--json")).isZero();
        assertThat(json().get("state")).isEqualTo("running");
        assertThat(json().get("expired")).isEqualTo(true);
        assertThat(run("find", HASH)).isEqualTo(1);
        assertThat(run("expire", HASH)).isEqualTo(1);
        assertThat(stderr).contains("there is no record " + HASH);
    }

    @Test
    void records_are_counted_in_each_state() {
        complete(RecordKey.of("a", List.of(), "1"));
        complete(RecordKey.of("a", List.of(), "2"));
        claim(RecordKey.of("a", List.of(), "3"));

        assertThat(run("count")).as(stderr).isZero();
        assertThat(stdout)
                .containsPattern("running +1 ")
                .containsPattern("abandoned +0 ")
                .containsPattern("done +2 ")
                .containsPattern("released +0 ");

        assertThat(run("count", "--json")).isZero();
        assertThat(json().get("done")).isEqualTo(2);
        assertThat(json().get("running")).isEqualTo(1);
        assertThat(json().get("released")).isEqualTo(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                embedded | crosscut.idempotency.store is embedded, so that the records are in the memory of the service
                closed   | crosscut.idempotency.store is 'closed', which cannot be looked into
                nothing  | no such store is on the class path; expected embedded or chatty or closed or gone or shared
                gone     | the database at db:5432 cannot be used
                """)
    void a_store_that_cannot_be_looked_into_is_said(String store, String why) throws IOException {
        configure(store);

        assertThat(run("count")).isEqualTo(1);

        assertThat(stderr).startsWith("crosscut-idempotency: ").contains(why);
        assertThat(stdout).isEmpty();
    }

    @Test
    void why_a_store_is_out_of_reach_is_said_with_its_cause() throws IOException {
        configure("gone");

        assertThat(run("find", HASH)).isEqualTo(1);

        assertThat(stderr).contains("because: java.io.IOException: connection refused");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                                             | no command; expected find, hash, expire, count or openapi
                look                                         | unknown command 'look'; expected find, hash
                count now                                    | count has 1 arguments without --; expected none
                find                                         | find has 0 arguments without --; expected a hash, or --key
                expire                                       | expire has 0 arguments without --; expected a hash
                find --key k                                 | expected one of --request and --operation
                find --key k --operation o --request POST,/  | expected one of --request and --operation
                hash --operation o                           | --key is missing
                hash --operation o --key                     | --key has no value
                hash --operation o --key a --key b           | --key is there twice
                hash --operation o --key k --tenant t        | --tenant is not for --operation
                hash --request POST,/ --key k --scope s      | --scope is not for --request
                hash --request payments --key k              | --request is 'payments'; expected a method and a path
                find 00 --tenant t                           | there is a hash; expected no more
                count --force                                | unknown argument '--force' of count
                """)
    void what_is_called_wrongly_is_said_and_exits_with_2(String call, String why) {
        String[] arguments = call == null ? new String[0] : call.split(" +", -1);
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace(',', ' ');
        }

        assertThat(runAlone(arguments)).isEqualTo(2);

        assertThat(stderr).contains(why).endsWith("; see crosscut-idempotency --help" + System.lineSeparator());
        assertThat(stdout).isEmpty();
    }

    @Test
    void a_setting_that_cannot_be_used_is_said_with_its_place() throws IOException {
        configure("shared", "crosscut.idempotency.lease=soon");

        assertThat(run("count")).isEqualTo(1);

        assertThat(stderr).contains("crosscut.idempotency.lease (" + config + ":2) is 'soon'");
    }

    @Test
    void what_other_plugins_are_set_to_and_the_keys_of_outcomes_are_not_looked_at() throws IOException {
        configure(
                "shared",
                "crosscut.nobody.reads=this",
                "crosscut.idempotency.encryption-key=a",
                "crosscut.idempotency.encryption-keys.a.file=/nowhere/a");

        assertThat(run("count")).as(stderr).isZero();
    }

    @Test
    void a_file_that_is_not_there_and_a_plugin_that_is_off_are_said() throws IOException {
        assertThat(runAlone("count", "--config", "nowhere.properties")).isEqualTo(1);
        assertThat(stderr).contains("--config is 'nowhere.properties'; expected a file that can be read");

        configure("shared", "crosscut.idempotency.enabled=false");
        assertThat(run("count")).isEqualTo(1);
        assertThat(stderr).contains("crosscut.idempotency.enabled is false");
    }

    @Test
    void keys_that_are_off_have_no_hash() throws IOException {
        configure("shared", "crosscut.idempotency.key=off");

        assertThat(run("hash", "--key", KEY, "--request", "POST /payments")).isEqualTo(1);

        assertThat(stderr).contains("no key of POST /payments is looked at");
    }

    @Test
    void stdout_has_what_was_asked_for_alone_whatever_a_store_writes_there() throws Exception {
        configure("chatty");
        String separator = System.getProperty("path.separator");
        String path = Stream.of("java.class.path", "jdk.module.path")
                .map(name -> System.getProperty(name, ""))
                .filter(entries -> !entries.isEmpty())
                .collect(Collectors.joining(separator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(separator, location(IdempotencyPlugin.class), jar.toString(), path),
                        IdempotencyCommand.class.getName(),
                        "count",
                        "--json",
                        "--config",
                        config.toString())
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        stderr = Files.readString(folder.resolve("stderr"));

        assertThat(code).as(stderr).isZero();
        assertThat(json().get("running")).isEqualTo(0);
        assertThat(stderr).contains("the driver says hello");
    }

    @Test
    void help_names_each_command() {
        assertThat(runAlone("find", "--help")).isZero();

        assertThat(stdout).contains("find HASH", "hash WHOSE", "expire HASH", "count", "openapi");
    }
}
