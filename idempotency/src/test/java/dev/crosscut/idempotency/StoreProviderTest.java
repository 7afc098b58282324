package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Source;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores in jars on the class path, compiled here as a stranger would write them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreProviderTest {

    private static final String BROKEN =
            "if (true) throw new IllegalStateException(\"the shelf is broken; expected a whole one\");";

    @TempDir
    private static Path classes;

    @TempDir
    private Path folder;

    private final CapturedLog log = new CapturedLog();
    private final List<URL> jars = new ArrayList<>();
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    @AfterEach
    void restore() throws IOException {
        restoreLoader();
        log.close();
    }

    @SuppressWarnings("ReferenceEquality") // the loader that a test has set, or not
    private void restoreLoader() throws IOException {
        if (Thread.currentThread().getContextClassLoader() instanceof URLClassLoader loader && loader != before) {
            loader.close();
        }
        Thread.currentThread().setContextClassLoader(before);
    }

    @BeforeAll
    static void compile() throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "-proc:none",
                "-cp",
                location(Crosscut.class) + System.getProperty("path.separator") + location(IdempotencyPlugin.class),
                "-d",
                classes.toString()));
        arguments.add(source("Shelf", "shelf", ""));
        arguments.add(source("Rack", "shelf", ""));
        arguments.add(source("Usurper", "embedded", ""));
        arguments.add(source("Wreck", "shelf", BROKEN));
        StringWriter output = new StringWriter();
        PrintWriter printer = new PrintWriter(output);
        int result =
                ToolProvider.findFirst("javac").orElseThrow().run(printer, printer, arguments.toArray(new String[0]));
        assertThat(result).as("%s", output).isZero();
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String source(String type, String name, String opening) throws IOException {
        return Files.writeString(classes.resolve(type + ".java"), """
                import dev.crosscut.core.*;
                import dev.crosscut.idempotency.*;
                import java.nio.ByteBuffer;
                import java.time.Duration;
                import java.util.List;
                public class %s implements StoreProvider {
                    private static final System.Logger LOG = System.getLogger("dev.crosscut.shelf");
                    private static final Setting<Long> SIZE =
                            Setting.size("crosscut.idempotency.shelf.size", "How much goes on it.").or(2048L);
                    public String name() { return "%s"; }
                    public List<Setting<?>> settings() { return List.of(SIZE); }
                    public IdempotencyStore open(Settings settings) {
                        %s
                        LOG.log(System.Logger.Level.INFO, "opened with " + settings.get(SIZE));
                        IdempotencyStore store = IdempotencyStore.embedded(settings.get(SIZE));
                        return new IdempotencyStore() {
                            public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
                                return store.claim(key, fingerprint, terms);
                            }
                            public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
                                return store.complete(ticket, outcome, retention);
                            }
                            public boolean release(Ticket ticket) { return store.release(ticket); }
                            public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
                                return store.renew(ticket, lease, progress);
                            }
                            public void close() { LOG.log(System.Logger.Level.INFO, "closed"); }
                        };
                    }
                }
                """.formatted(type, name, opening))
                .toString();
    }

    /** A jar that declares one of them. */
    private void jar(String type) throws IOException {
        Path services =
                Files.createDirectories(folder.resolve(type).resolve("META-INF").resolve("services"));
        Files.writeString(services.resolve(StoreProvider.class.getName()), type);
        jars.add(folder.resolve(type).toUri().toURL());
    }

    private Crosscut build(String... settings) throws IOException {
        restoreLoader();
        jars.add(classes.toUri().toURL());
        Thread.currentThread().setContextClassLoader(new URLClassLoader(jars.toArray(new URL[0]), before));
        return Crosscut.builder()
                .source(Source.of("test", Edge.named(settings)))
                .build();
    }

    private static String send(Crosscut crosscut) {
        TestExchange exchange = TestExchange.payment("key-7f3a");
        Call call = crosscut.begin(exchange);
        call.end(Outcome.completed(201));
        return exchange.state();
    }

    @Test
    void the_plugin_is_found_and_keeps_its_records_in_memory() throws Exception {
        try (Crosscut crosscut = build()) {
            assertThat(send(crosscut)).isEqualTo("executed");
            assertThat(send(crosscut)).isEqualTo("not-replayable");
        }
    }

    @Test
    void the_store_that_the_setting_names_is_opened_with_its_settings_and_closed_at_the_end() throws Exception {
        jar("Shelf");
        try (Crosscut crosscut = build("store", "shelf", "shelf.size", "1KB")) {
            assertThat(log.everything()).contains("opened with 1024").doesNotContain("closed");
            assertThat(send(crosscut)).isEqualTo("executed");
        }
        assertThat(log.everything()).contains("closed");
    }

    @Test
    void a_store_that_nothing_names_is_not_opened_and_its_settings_are_known() throws Exception {
        jar("Shelf");
        try (Crosscut crosscut = build("shelf.size", "1KB")) {
            assertThat(send(crosscut)).isEqualTo("executed");
            assertThat(log.everything()).doesNotContain("opened");
        }
    }

    @Test
    void a_store_that_is_not_there_is_named_with_those_that_are() throws Exception {
        jar("Shelf");
        assertThatThrownBy(() -> build("store", "shelves"))
                .hasMessageContaining("crosscut.idempotency.store is 'shelves'")
                .hasMessageContaining("expected embedded or shelf;");
    }

    @Test
    void a_store_that_cannot_be_opened_says_why() throws Exception {
        jar("Wreck");
        assertThatThrownBy(() -> build("store", "shelf"))
                .hasMessageContaining("the shelf is broken; expected a whole one");
    }

    @Test
    void a_store_is_closed_where_the_rest_cannot_be_installed() throws Exception {
        jar("Shelf");
        assertThatThrownBy(() -> build("store", "shelf", "encryption-key", "main"))
                .hasMessageContaining("there is no encryption key main");
        assertThat(log.everything()).contains("opened with 2048").contains("closed");
    }

    @Test
    void two_stores_of_one_name_refuse_to_start() throws Exception {
        jar("Shelf");
        jar("Rack");
        for (String store : List.of("shelf", "embedded")) {
            assertThatThrownBy(() -> build("store", store))
                    .hasMessageContaining("two stores are named shelf: Rack and Shelf; expected one");
        }
        assertThat(log.everything()).doesNotContain("opened");
    }

    @Test
    void none_takes_the_name_of_that_in_memory() throws Exception {
        jar("Usurper");
        assertThatThrownBy(this::build)
                .hasMessageContaining("two stores are named embedded: that in memory and Usurper");
    }
}
