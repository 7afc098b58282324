package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.core.Secret;
import dev.crosscut.core.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The signed header, and what is not one. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DebugHeaderTest {

    private static final String KEY = "a-key-that-nobody-else-knows-0123456789-äöü";
    private static final String NAME = "X-Debug-Log";
    private static final int NONE = Integer.MAX_VALUE;
    private static final long NOW = 1_764_000_000;

    @TempDir
    Path folder;

    private KeptLog log;
    private final AtomicLong seconds = new AtomicLong(NOW);
    private final AtomicLong nanos = new AtomicLong();
    private final RareReport refused = new RareReport(nanos::get);

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.header");
    }

    @AfterEach
    void close() {
        log.close();
        assertThat(KeptLog.filters()).isEmpty();
    }

    /** What came from outside, or goes there, with a header. */
    private static final class Message extends Exchange {

        private final List<String> values;
        private final List<String> sent = new ArrayList<>();

        Message(Kind kind, String... values) {
            super(kind);
            this.values = List.of(values);
        }

        @Override
        public String protocol() {
            return "http";
        }

        @Override
        public String operation() {
            return "GET";
        }

        @Override
        public List<String> requestHeaders(String name) {
            return switch (name) {
                case NAME -> values;
                case "X-Correlation-ID" -> List.of("order-42");
                default -> List.of();
            };
        }

        @Override
        public void requestHeader(String name, String value) {
            sent.add(name);
        }
    }

    private static String signed(String text) {
        return text + ";" + HexFormat.of().formatHex(hmac(text, KEY));
    }

    /** By the JDK alone, as anyone would. */
    private static byte[] hmac(String text, String key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private DebugHeader header(Secret key) {
        return new DebugHeader(
                NAME,
                key,
                Duration.ofHours(1),
                seconds::get,
                KeptLog.CONTEXT.getLogger("dev.crosscut.logging"),
                refused);
    }

    private int level(String... values) {
        Message message = new Message(Exchange.Kind.SERVER, values);
        message.put(dev.crosscut.core.Key.CORRELATION_ID, "order-42");
        return header(Secret.of(KEY)).level(message);
    }

    private void assertRefused(String reason, String... values) {
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
        long before = refused.count();
        assertThat(level(values)).isEqualTo(NONE);
        assertThat(refused.count()).isEqualTo(before + 1);
        ILoggingEvent last = log.seen().get(log.seen().size() - 1);
        assertThat(last.getFormattedMessage()).startsWith("header X-Debug-Log ignored: " + reason);
        for (String value : values) {
            assertThat(last.getFormattedMessage()).doesNotContain(value.substring(value.lastIndexOf(';') + 1));
        }
    }

    @Test
    void a_signed_header_says_the_level_until_it_ends() {
        assertThat(level()).isEqualTo(NONE);
        assertThat(level(signed("v1;DEBUG;" + (NOW + 900) + ";*"))).isEqualTo(Level.DEBUG_INT);
        assertThat(level(signed("v1;TRACE;" + (NOW + 900) + ";order-42"))).isEqualTo(Level.TRACE_INT);
        assertThat(level(signed("v1;TRACE;" + (NOW + 1) + ";*"))).isEqualTo(Level.TRACE_INT);
        assertThat(level(signed("v1;TRACE;" + (NOW + 3660) + ";*"))).isEqualTo(Level.TRACE_INT);
        assertThat(refused.count()).isZero();
    }

    @Test
    void one_that_ends_too_late_or_has_ended_is_refused_whoever_signed_it() {
        assertRefused("it has expired", signed("v1;DEBUG;" + NOW + ";*"));
        assertRefused("it has expired", signed("v1;DEBUG;1;*"));
        assertRefused(
                "it ends later than crosscut.logging.debug-max-validity", signed("v1;DEBUG;" + (NOW + 3661) + ";*"));
        assertRefused("it ends later than", signed("v1;DEBUG;999999999999;*"));
    }

    @Test
    void one_for_another_id_is_refused() {
        assertRefused("it is for another correlation id", signed("v1;DEBUG;" + (NOW + 900) + ";order-43"));
    }

    @Test
    void one_for_the_id_that_the_caller_sent_holds_where_that_id_is_only_recorded() {
        Message message = new Message(Exchange.Kind.SERVER, signed("v1;DEBUG;" + (NOW + 900) + ";order-42"));
        message.put(dev.crosscut.core.Key.CORRELATION_ID, "0190-new");
        message.put(dev.crosscut.core.Key.EXTERNAL_CORRELATION_ID, "order-42");

        assertThat(header(Secret.of(KEY)).level(message)).isEqualTo(Level.DEBUG_INT);
    }

    @Test
    void no_bit_of_one_can_be_changed() {
        String good = signed("v1;DEBUG;" + (NOW + 900) + ";*");
        for (int i = 0; i < good.length(); i++) {
            char other = good.charAt(i) == '1' ? '2' : '1';
            String changed = good.substring(0, i) + other + good.substring(i + 1);
            assertThat(level(changed)).as(changed).isEqualTo(NONE);
        }
        assertThat(refused.count()).isEqualTo(good.length());
        assertRefused("its signature is not one of the key", good.replace("DEBUG", "TRACE"));
        assertRefused(
                "its signature is not one of the key",
                "v1;DEBUG;" + (NOW + 900) + ";*;"
                        + HexFormat.of().formatHex(hmac("v1;DEBUG;" + (NOW + 900) + ";*", KEY + "x")));
    }

    @Test
    void whatever_is_not_of_the_one_form_is_refused() {
        String end = String.valueOf(NOW + 900);
        for (String text : List.of(
                "v2;DEBUG;" + end + ";*",
                "v1;INFO;" + end + ";*",
                "v1;ALL;" + end + ";*",
                "v1;debug;" + end + ";*",
                "v1;DEBUG;0" + end + ";*",
                "v1;DEBUG;-1;*",
                "v1;DEBUG;1e9;*",
                "v1;DEBUG;9999999999999999999999;*",
                "v1;DEBUG;" + end + ";",
                "v1;DEBUG;" + end + ";a b",
                "v1;DEBUG;" + end,
                " v1;DEBUG;" + end + ";*",
                "v1;DEBUG;" + end + ";*;more")) {
            assertRefused("it is not of the form", signed(text));
        }
        String good = signed("v1;DEBUG;" + end + ";*");
        assertRefused("it is not of the form", good.toUpperCase(java.util.Locale.ROOT));
        assertRefused("it is not of the form", good + "\n");
        assertRefused("it is not of the form", good.substring(0, good.length() - 1));
        assertRefused("it is not of the form", "\u0000\ud800;\r\nforged: 1");
        assertRefused("it was sent more than once", good, good);
    }

    @Test
    void a_very_long_one_costs_nothing() {
        String huge = "v1;DEBUG;" + (NOW + 900) + ";" + "x".repeat(10_000_000);
        long start = System.nanoTime();
        assertRefused("it is not of the form", huge);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
        assertThat(level("")).isEqualTo(NONE);
    }

    @Test
    void a_flood_of_forged_ones_makes_one_line_a_minute_and_all_are_counted() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(level("forged " + i)).isEqualTo(NONE);
        }
        assertThat(refused.count()).isEqualTo(1_000);
        assertThat(log.seen()).hasSize(1);
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
        level("forged");
        assertThat(log.seen()).hasSize(2);
        assertThat(log.seen().get(1).getFormattedMessage()).endsWith("(1000 since the last report)");
    }

    @Test
    void a_key_that_is_rotated_holds_without_a_restart_and_a_short_one_for_nothing() throws Exception {
        Path file = folder.resolve("key");
        Files.writeString(file, "an-older-key-of-sufficient-length-0123456789\n");
        DebugHeader header = header(Secret.file(file));
        Message message = new Message(Exchange.Kind.SERVER, signed("v1;DEBUG;" + (NOW + 900) + ";*"));
        assertThat(header.level(message)).isEqualTo(NONE);
        Files.writeString(file, KEY + "\n");
        Thread.sleep(1_100);
        assertThat(header.level(message)).isEqualTo(Level.DEBUG_INT);
        Files.writeString(file, "short");
        Thread.sleep(1_100);
        assertThat(header.level(message)).isEqualTo(NONE);
    }

    private static Crosscut with(String... settings) {
        return Crosscuts.with(
                Stream.concat(Stream.of("debug-key", KEY), Stream.of(settings)).toArray(String[]::new));
    }

    private static String valid(String level) {
        return signed("v1;" + level + ";" + (System.currentTimeMillis() / 1000 + 900) + ";*");
    }

    @Test
    void the_exchange_and_its_children_log_at_that_level_at_once_and_nobody_else() {
        try (Crosscut crosscut = with()) {
            Call other = crosscut.begin(new Message(Exchange.Kind.SERVER));
            Call call = crosscut.begin(new Message(Exchange.Kind.SERVER, valid("DEBUG")));
            try (Scope scope = call.attach()) {
                assertThat(log.logger().isDebugEnabled()).isTrue();
                assertThat(log.logger().isTraceEnabled()).isFalse();
                log.logger().debug("debug {}", 1);
                log.logger().atDebug().log("fluent");
                log.logger().trace("trace");
                assertThat(log.messages()).as("at once").containsExactly("debug 1", "fluent");
                crosscut.run("step", () -> log.logger().debug("of a child"));
                try (Scope within = other.attach()) {
                    log.logger().debug("of another");
                }
            }
            log.logger().debug("outside");
            call.end(Outcome.completed(200));
            other.end(Outcome.completed(500));
        }

        assertThat(log.messages()).containsExactly("debug 1", "fluent", "of a child");
        assertThat(log.seen()).extracting(ILoggingEvent::getMessage).contains("debug {}", "of a child");
    }

    @Test
    void with_a_buffer_too_each_line_is_written_once_and_those_below_are_kept() {
        try (Crosscut crosscut = with("debug-buffer", "64KB")) {
            Call call = crosscut.begin(new Message(Exchange.Kind.CONSUMER, valid("DEBUG")));
            try (Scope scope = call.attach()) {
                log.logger().trace("trace");
                log.logger().debug("debug");
                crosscut.run("step", () -> log.logger().debug("of a child"));
            }
            call.end(Outcome.failed(new IllegalStateException("boom")));
        }

        assertThat(log.messages()).containsExactly("debug", "of a child", "trace");
    }

    @Test
    void loggers_follow_it_as_far_down_as_is_set() {
        try (Crosscut crosscut = with("debug-levels", "root=INFO, kept.header.a=DEBUG")) {
            Call call = crosscut.begin(new Message(Exchange.Kind.SERVER, valid("TRACE")));
            try (Scope scope = call.attach()) {
                log.logger().debug("not this one");
                KeptLog.CONTEXT.getLogger("kept.header.a").debug("this one");
                KeptLog.CONTEXT.getLogger("kept.header.a").trace("not so far down");
            }
            call.end(Outcome.completed(200));
        }

        assertThat(log.messages()).containsExactly("this one");
    }

    @ParameterizedTest
    @EnumSource(
            value = Exchange.Kind.class,
            names = {"CLIENT", "PRODUCER", "LOCAL"})
    void on_what_does_not_come_from_outside_it_means_nothing(Exchange.Kind kind) {
        try (Crosscut crosscut = with()) {
            Call call = crosscut.begin(new Message(kind, valid("DEBUG")));
            try (Scope scope = call.attach()) {
                log.logger().debug("line");
            }
            call.end(Outcome.completed(200));
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    void it_is_not_sent_on() {
        try (Crosscut crosscut = with()) {
            Call call = crosscut.begin(new Message(Exchange.Kind.SERVER, valid("DEBUG")));
            Message outgoing = new Message(Exchange.Kind.CLIENT);
            try (Scope scope = call.attach()) {
                crosscut.begin(outgoing).end(Outcome.completed(200));
            }
            call.end(Outcome.completed(200));

            assertThat(outgoing.sent).containsExactly("X-Correlation-ID");
        }
    }

    @Test
    void a_refused_one_changes_nothing_about_the_request() {
        try (Crosscut crosscut = with()) {
            for (String value : List.of("forged", "", "x".repeat(100_000), signed("v1;DEBUG;1;*"))) {
                Call call = crosscut.begin(new Message(Exchange.Kind.SERVER, value));
                assertThat(call.answer()).isEmpty();
                try (Scope scope = call.attach()) {
                    log.logger().debug("line");
                    log.logger().info("info");
                }
                call.end(Outcome.completed(200));
            }
            assertThat(crosscut.faults()).isEmpty();
        }

        assertThat(log.messages())
                .contains("info")
                .doesNotContain("line")
                .anyMatch(message -> message.startsWith("header X-Debug-Log ignored: it is not of the form"));
    }

    @Test
    void an_adapter_that_cannot_read_its_headers_still_keeps_lines() {
        try (Crosscut crosscut = with("debug-buffer", "64KB")) {
            Exchange broken = new Exchange(Exchange.Kind.SERVER) {
                @Override
                public String protocol() {
                    return "http";
                }

                @Override
                public String operation() {
                    return "GET";
                }

                @Override
                public List<String> requestHeaders(String name) {
                    throw new IllegalStateException("no headers");
                }
            };
            Call call = crosscut.begin(broken);
            try (Scope scope = call.attach()) {
                log.logger().debug("kept");
                assertThat(log.logger().isDebugEnabled()).isTrue();
            }
            assertThat(call.end(Outcome.completed(500))).isTrue();
            assertThat(crosscut.faults()).containsKey(DebugObserver.class.getName());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "0123456789012345678901234567890"})
    void a_key_that_could_be_guessed_is_refused_and_not_shown(String key) {
        assertThatThrownBy(() -> Crosscuts.with("debug-key", key))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("at least 32 characters")
                .hasMessageNotContaining(key);
    }

    @Test
    void the_line_of_the_documentation_makes_one() throws Exception {
        Path docs = Path.of(System.getProperty("basedir", ""), "..", "docs", "logging.md");
        String line = Files.readAllLines(docs).stream()
                .filter(each -> each.contains("openssl dgst"))
                .collect(Collectors.joining());
        assertThat(line).isNotEmpty();
        Assumptions.assumeTrue(isInstalled("openssl"), "openssl is not installed");
        Path script = folder.resolve("make");
        Files.writeString(script, "KEY='" + KEY + "'\n" + line + "\n");
        Process made = new ProcessBuilder("sh", script.toString())
                .redirectErrorStream(true)
                .start();
        String value = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(made.waitFor()).as(value).isZero();
        seconds.set(System.currentTimeMillis() / 1000);

        assertThat(level(value)).as(value).isEqualTo(Level.DEBUG_INT);
    }

    private static boolean isInstalled(String command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command, "version")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
