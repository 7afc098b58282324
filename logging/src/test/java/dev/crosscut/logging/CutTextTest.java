package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.MarkerFactory;
import tools.jackson.databind.JsonNode;

/** Text that is longer than a line: where it is cut, no part of what would have been hidden is left. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class CutTextTest {

    private static final int LINE = 4096;
    private static final String CARD = "4111111111111111";

    private final CapturedLog captured = CapturedLog.of("test.cut");
    private final Logger log = captured.logger();

    @AfterEach
    void release() {
        captured.close();
    }

    private static Crosscut with(boolean isForPeople) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .property("crosscut.logging.max-line", LINE + "B")
                .property("crosscut.logging.development", Boolean.toString(isForPeople))
                .build();
    }

    /** Much that is hidden, so that what comes out is short, and the number of a card behind it. */
    private static String text(int cardAt) {
        StringBuilder text = new StringBuilder(3 * LINE);
        while (text.length() < cardAt - 200) {
            text.append("password=").append("x".repeat(100)).append(' ');
        }
        text.append(".".repeat(cardAt - 1 - text.length())).append(' ').append(CARD);
        return text.append(" and more".repeat(LINE / 4)).toString();
    }

    static Stream<Named<BiConsumer<Logger, String>>> places() {
        return Stream.of(
                Named.of("message", Logger::info),
                Named.of("argument", (log, text) -> log.info("{}", text)),
                Named.of(
                        "key-value",
                        (log, text) -> log.atInfo().addKeyValue("text", text).log("message")),
                Named.of(
                        "list",
                        (log, text) ->
                                log.atInfo().addKeyValue("texts", List.of(text)).log("message")),
                Named.of("marker", (log, text) -> log.info(MarkerFactory.getDetachedMarker(text), "message")),
                Named.of("exception", (log, text) -> log.info("message", new IllegalStateException(text))),
                Named.of(
                        "cause",
                        (log, text) -> log.info(
                                "message", new IllegalStateException("failed", new IllegalStateException(text)))));
    }

    @ParameterizedTest
    @MethodSource("places")
    void no_part_of_a_secret_is_shown_wherever_the_cut_is(BiConsumer<Logger, String> place) {
        for (boolean isForPeople : new boolean[] {false, true}) {
            try (Crosscut crosscut = with(isForPeople)) {
                captured.forget();
                for (int at = 2 * LINE - CARD.length() - 2; at < 2 * LINE + 4; at++) {
                    place.accept(log, text(at));
                }
                for (int at = LINE - CARD.length() - 2; at < LINE + 4; at++) {
                    place.accept(log, text(at));
                }
            }
            assertThat(captured.text())
                    .doesNotContain(". 4")
                    .doesNotContainPattern("(?<![0-9.])4111") // as no time has it
                    .contains("test.cut");
        }
    }

    @ParameterizedTest
    @MethodSource("places")
    void a_line_whose_text_is_cut_says_so(BiConsumer<Logger, String> place) {
        try (Crosscut crosscut = with(false)) {
            place.accept(log, text(2 * LINE));
        }

        JsonNode line = captured.onlyLine();
        assertThat(line.path("log.truncated").asBoolean(false))
                .as(line.toString())
                .isTrue();
    }

    @Test
    void what_is_before_a_secret_that_goes_on_beyond_the_cut_stays() {
        String secret = "x".repeat(3 * LINE);
        try (Crosscut crosscut = with(false)) {
            log.info("job 7 failed, credentials={{}", secret);
            log.info(
                    "first", new IllegalStateException("token=" + secret, new IllegalStateException("y".repeat(LINE))));
        }

        assertThat(captured.lines().get(0).path("message").asString("")).isEqualTo("job 7 failed, credentials=***");
        assertThat(captured.lines().get(1).path("error.message").asString("")).isEqualTo("token=***");
    }

    @Test
    void a_token_is_hidden_however_little_room_its_stack_trace_has_left() {
        String token = "eyJhbGciOiJIUzI1NiJ9." + "a".repeat(800) + ".c2lnbmF0dXJl";
        try (Crosscut crosscut = with(false)) {
            for (int length = 0; length < 1200; length += 50) {
                log.info(
                        "m",
                        new IllegalStateException("y".repeat(LINE - 1500 + length), new IllegalStateException("z")));
                Throwable root = new IllegalStateException("y".repeat(LINE - 1500 + length));
                root.setStackTrace(new StackTraceElement[0]);
                log.info("m", new IllegalStateException("invalid " + token, root));
            }
        }

        assertThat(captured.text()).doesNotContain("eyJ", "aaaaaaaa");
    }

    @Test
    void text_that_is_short_once_it_is_masked_is_whole() {
        try (Crosscut crosscut = with(false)) {
            log.info("password={} is all", "x".repeat(LINE + LINE / 2));
        }

        JsonNode line = captured.onlyLine();
        assertThat(line.path("message").asString("")).isEqualTo("password=*** is all");
        assertThat(line.has("log.truncated")).isFalse();
    }
}
