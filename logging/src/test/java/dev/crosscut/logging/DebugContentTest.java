package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;
import org.slf4j.Marker;
import tools.jackson.databind.JsonNode;

/** Lines that levels discard are lines as any other, once they are written: masked, bounded, and whole whatever throws. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class DebugContentTest {

    private static final String PASSWORD = "q7-Tr0ub4dor";
    private static final String CARD = "4111111111111111";
    private static final String KEY = "a-key-that-nobody-else-knows-0123456789";
    private static final int MAX = 4096;

    @TempDir
    Path folder;

    private KeptLog log;
    private Logger logger;

    @BeforeEach
    void open() {
        log = new KeptLog(folder, "kept.content");
        logger = log.logger();
    }

    @AfterEach
    void close() {
        MDC.clear();
        log.close();
        assertThat(KeptLog.filters()).isEmpty();
    }

    private static void fail(Crosscut crosscut, TestExchange exchange, Runnable handler) {
        Call call = crosscut.begin(exchange);
        try (Scope scope = call.attach()) {
            handler.run();
        }
        call.end(Outcome.completed(500));
    }

    private List<JsonNode> debugLines() {
        return log.lines().stream()
                .filter(line -> line.path("log.level").asString("").equals("DEBUG"))
                .toList();
    }

    @Test
    void a_kept_line_shows_nothing_hidden() {
        try (Crosscut crosscut = Crosscuts.with("debug-buffer", "64KB")) {
            fail(crosscut, TestExchange.http("GET", "/x"), () -> {
                MDC.put("authorization", "Bearer " + PASSWORD);
                logger.debug("password={} card {}", PASSWORD, CARD);
                logger.atDebug()
                        .addKeyValue("secret", PASSWORD)
                        .addKeyValue("login", List.of(Map.of("pin", 1234), Map.of("note", "card " + CARD)))
                        .log("fluent");
                logger.debug("failed", new IllegalStateException("password=" + PASSWORD));
            });
        }

        List<JsonNode> lines = debugLines();
        assertThat(lines).hasSize(3).allSatisfy(line -> {
            assertThat(line.toString()).doesNotContain(PASSWORD, CARD);
            assertThat(line.get("authorization").asString()).isEqualTo("***");
        });
        assertThat(lines.get(0).get("message").asString()).isEqualTo("password=*** card ***1111");
        assertThat(lines.get(1).get("login").toString()).isEqualTo("[{\"pin\":\"***\"},{\"note\":\"card ***1111\"}]");
        assertThat(lines.get(2).get("error.message").asString()).isEqualTo("password=***");
    }

    @Test
    void a_kept_line_is_within_the_longest_that_a_line_may_be() {
        try (Crosscut crosscut = Crosscuts.with("debug-buffer", "64KB", "max-line", "4KB")) {
            fail(crosscut, TestExchange.http("GET", "/x").correlationId("order-42"), () -> {
                logger.debug("m".repeat(10_000));
                logger.atDebug()
                        .addKeyValue("text", "\u202e".repeat(10_000))
                        .setCause(new IllegalStateException("e".repeat(10_000)))
                        .log("fluent");
                logger.debug("short");
            });
        }

        List<JsonNode> lines = debugLines();
        assertThat(lines)
                .hasSize(3)
                .allSatisfy(line ->
                        assertThat(line.get("correlation_id").asString()).isEqualTo("order-42"));
        assertThat(lines.subList(0, 2))
                .allMatch(line -> line.path("log.truncated").asBoolean(false));
        assertThat(lines.get(0).get("message").asString()).matches("m{3000,}");
        assertThat(lines.get(1).get("message").asString()).isEqualTo("fluent");
        assertThat(lines.get(2).has("log.truncated")).isFalse();
        assertThat(log.text().lines())
                .allSatisfy(line -> assertThat((line + "\n").getBytes(UTF_8)).hasSizeLessThanOrEqualTo(MAX));
    }

    private static final class Faulty extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("getMessage");
        }
    }

    static Stream<Throwable> faulty() {
        return Stream.of(
                new Faulty(), new IllegalStateException("outer", new Faulty()), new RuntimeException("deep", deep()));
    }

    private static Throwable deep() {
        Throwable deep = new IllegalStateException("root");
        for (int i = 0; i < 20_000; i++) {
            deep = new IllegalStateException("wrapped", deep);
        }
        return deep;
    }

    /** In each way to log it. */
    private void logAll(Throwable thrown) {
        logger.debug("plain", thrown);
        logger.debug("with {}", "argument", thrown);
        logger.debug("with {} {} {}", 1, 2, 3, thrown);
        logger.atDebug().setCause(thrown).addKeyValue("order", 7).log("fluent");
    }

    private void assertAllThere(Throwable thrown) {
        assertThat(debugLines())
                .extracting(line -> line.get("message").asString())
                .containsExactly("plain", "with argument", "with 1 2 3", "fluent");
        assertThat(debugLines())
                .allSatisfy(line -> assertThat(line.get("error.type").asString())
                        .isEqualTo(thrown.getClass().getName()));
        assertThat(debugLines().get(3).get("order").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void an_exception_that_throws_when_asked_is_kept_too(Throwable thrown) {
        try (Crosscut crosscut = Crosscuts.with("debug-buffer", "64KB")) {
            fail(crosscut, TestExchange.http("GET", "/x"), () -> logAll(thrown));
        }

        assertAllThere(thrown);
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void an_exception_that_throws_when_asked_is_logged_where_a_header_shows_its_level(Throwable thrown)
            throws Exception {
        String text = "v1;DEBUG;" + (System.currentTimeMillis() / 1000 + 900) + ";*";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY.getBytes(UTF_8), "HmacSHA256"));
        String header = text + ";" + HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
        try (Crosscut crosscut = Crosscuts.with("debug-key", KEY)) {
            fail(crosscut, TestExchange.http("GET", "/x").header("X-Debug-Log", header), () -> logAll(thrown));
        }

        assertAllThere(thrown);
    }

    /** What a user may have, as for a marker or for a thread. */
    private static final class AcceptsAll extends TurboFilter {

        @Override
        public FilterReply decide(
                Marker marker, Logger logger, Level level, String format, Object[] params, Throwable thrown) {
            return logger.getName().equals("kept.content") ? FilterReply.ACCEPT : FilterReply.NEUTRAL;
        }
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void an_exception_that_throws_when_asked_is_logged_where_a_filter_of_a_user_accepts_it(Throwable thrown) {
        AcceptsAll accepting = new AcceptsAll();
        accepting.start();
        KeptLog.CONTEXT.addTurboFilter(accepting);
        try {
            logAll(thrown);
            assertAllThere(thrown);
        } finally {
            KeptLog.CONTEXT.getTurboFilterList().remove(accepting);
        }
    }
}
