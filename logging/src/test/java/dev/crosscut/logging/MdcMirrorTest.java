package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Propagation;
import dev.crosscut.core.Scope;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MdcMirrorTest {

    private static final Key<String> TRACE = Key.of("trace_id", String.class).loggable();
    private static final Key<String> SPAN = Key.of("span_id", String.class);

    /** As a tracing module would. */
    private static final class Tracing implements Observer {
        @Override
        public Phase phase() {
            return Phase.TRACING;
        }

        @Override
        public void begin(Exchange exchange) {
            exchange.put(TRACE, "4bf92f3577b34da6a3ce929d0e0e4736");
            exchange.put(SPAN, "not loggable");
        }
    }

    private static Crosscut with(String mirror) {
        return Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new LoggingPlugin())
                .observer(new Tracing())
                .property("crosscut.logging.mdc", mirror)
                .build();
    }

    private static Call begin(Crosscut crosscut, String id) {
        return crosscut.begin(TestExchange.http("GET", "/x").correlationId(id));
    }

    @AfterEach
    void nothing_is_left_behind() {
        try {
            assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
        } finally {
            MDC.clear();
        }
    }

    @Test
    void ids_are_in_the_MDC_while_an_exchange_is_current_and_what_was_there_is_back_afterwards() {
        try (Crosscut crosscut = with("true")) {
            MDC.put("correlation_id", "the user's");
            MDC.put("user", "42");
            Call outer = begin(crosscut, "outer");
            Call inner = begin(crosscut, "inner");
            try (Scope scope = outer.attach()) {
                assertThat(MDC.getCopyOfContextMap())
                        .containsOnly(
                                java.util.Map.entry("correlation_id", "outer"),
                                java.util.Map.entry("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
                                java.util.Map.entry("user", "42"));
                try (Scope within = inner.attach()) {
                    assertThat(MDC.get("correlation_id")).isEqualTo("inner");
                }
                assertThat(MDC.get("correlation_id")).isEqualTo("outer");
            }
            assertThat(MDC.get("correlation_id")).isEqualTo("the user's");
            assertThat(MDC.get("trace_id")).isNull();
            inner.end(Outcome.completed(200));
            outer.end(Outcome.completed(200));
        }
        MDC.remove("correlation_id");
        MDC.remove("user");
    }

    @Test
    void they_follow_a_hand_over_and_leave_the_thread_as_it_was() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (Crosscut crosscut = with("true")) {
            Call call = begin(crosscut, "order-42");
            Runnable outside = Propagation.wrap(
                    (Runnable) () -> assertThat(MDC.get("correlation_id")).isNull());
            try (Scope scope = call.attach()) {
                pool.submit(Propagation.wrap((Runnable)
                                () -> assertThat(MDC.get("correlation_id")).isEqualTo("order-42")))
                        .get();
                outside.run();
                assertThat(MDC.get("correlation_id")).isEqualTo("order-42");
            }
            call.end(Outcome.completed(200));
            pool.submit(() -> assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty())
                    .get();
            assertThat(crosscut.faults()).isEmpty();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void a_line_shows_them_once() {
        try (CapturedLog captured = CapturedLog.of("mirrored");
                Crosscut crosscut = with("true")) {
            Call call = begin(crosscut, "order-42");
            try (Scope scope = call.attach()) {
                captured.logger().info("line");
            }
            call.end(Outcome.completed(200));

            JsonNode line = captured.onlyLine();
            assertThat(line.path("correlation_id").asString("")).isEqualTo("order-42");
            assertThat(captured.text()).containsOnlyOnce("order-42").containsOnlyOnce("4bf92f3577b34da6");
        }
    }

    @Test
    void off_the_MDC_is_left_alone() {
        try (Crosscut crosscut = with("false")) {
            Call call = begin(crosscut, "order-42");
            try (Scope scope = call.attach()) {
                assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
            }
            call.end(Outcome.completed(200));
        }
    }
}
