package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Decision;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Reply;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessLineTest {

    private static final Key<Integer> ITEMS = Key.of("items", Integer.class).loggable();

    private final CapturedLog captured = CapturedLog.of(AccessLine.LOGGER);

    @AfterEach
    void release() {
        captured.close();
    }

    private JsonNode lineOf(Exchange exchange, Outcome outcome) {
        try (Crosscut crosscut = Crosscuts.with()) {
            crosscut.begin(exchange).end(outcome);
            assertThat(crosscut.faults()).isEmpty();
        }
        return captured.onlyLine();
    }

    private static String text(JsonNode line, String name) {
        return line.path(name).asString("absent");
    }

    static final class Refusing implements Guard {
        private final int status;

        Refusing(int status) {
            this.status = status;
        }

        @Override
        public Phase phase() {
            return Phase.AUTHORIZE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return Decision.answer(Reply.of(status));
        }
    }

    @Test
    void a_request_gets_one_line_when_it_has_ended_with_all_that_is_known_of_it() {
        try (Crosscut crosscut = Crosscuts.with()) {
            Exchange exchange = TestExchange.http("GET", "/payments/42").correlationId("order-42");
            Call call = crosscut.begin(exchange);
            exchange.put(Key.ROUTE, "/payments/{id}");
            exchange.put(Key.CALLER, "ann");
            exchange.put(Key.TENANT, "acme");
            exchange.put(ITEMS, 3);
            assertThat(captured.text()).isEmpty();
            call.end(Outcome.completed(200));
            call.end(Outcome.completed(500));
        }

        JsonNode line = captured.onlyLine();
        assertThat(text(line, "message")).matches("GET /payments/\\{id} 200 in \\d+(\\.\\d)? ms");
        assertThat(text(line, "log.level")).isEqualTo("INFO");
        assertThat(text(line, "log.logger")).isEqualTo("crosscut.access");
        assertThat(text(line, "correlation_id")).isEqualTo("order-42");
        assertThat(text(line, "http.route")).isEqualTo("/payments/{id}");
        assertThat(text(line, "url.path")).isEqualTo("/payments/42");
        assertThat(text(line, "http.request.method")).isEqualTo("GET");
        assertThat(line.get("http.response.status_code").asInt()).isEqualTo(200);
        assertThat(line.get("event.duration").isIntegralNumber()).isTrue();
        assertThat(line.get("event.duration").asLong()).isPositive();
        assertThat(text(line, "event.action")).isEqualTo("http.server");
        assertThat(text(line, "event.outcome")).isEqualTo("success");
        assertThat(text(line, "outcome")).isEqualTo("completed");
        assertThat(text(line, "user.id")).isEqualTo("ann");
        assertThat(text(line, "organization.id")).isEqualTo("acme");
        assertThat(line.get("items").asInt()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "200, INFO, success",
        "302, INFO, success",
        "404, INFO, success",
        "499, INFO, success",
        "500, ERROR, failure",
        "503, ERROR, failure"
    })
    void the_status_decides_the_level(int status, String level, String eventOutcome) {
        JsonNode line = lineOf(TestExchange.http("GET", "/x"), Outcome.completed(status));

        assertThat(text(line, "log.level")).isEqualTo(level);
        assertThat(text(line, "event.outcome")).isEqualTo(eventOutcome);
    }

    @Test
    void an_exception_is_an_error_with_its_stack() {
        JsonNode line = lineOf(
                TestExchange.http("POST", "/payments"), Outcome.failed(new IllegalStateException("no ledger"), 500));

        assertThat(text(line, "message")).startsWith("POST /payments 500 in ");
        assertThat(text(line, "log.level")).isEqualTo("ERROR");
        assertThat(text(line, "outcome")).isEqualTo("failed");
        assertThat(text(line, "event.outcome")).isEqualTo("failure");
        assertThat(text(line, "error.type")).isEqualTo("java.lang.IllegalStateException");
        assertThat(text(line, "error.message")).isEqualTo("no ledger");
        assertThat(text(line, "error.stack_trace")).contains("AccessLineTest");
    }

    @Test
    void an_exception_without_a_status_is_an_error_too() {
        JsonNode line = lineOf(TestExchange.http("POST", "/payments"), Outcome.failed(new AssertionError("bug")));

        assertThat(text(line, "message")).startsWith("POST /payments failed in ");
        assertThat(text(line, "log.level")).isEqualTo("ERROR");
        assertThat(line.has("http.response.status_code")).isFalse();
    }

    @Test
    void an_exception_that_the_client_is_blamed_for_is_a_warning() {
        JsonNode line =
                lineOf(TestExchange.http("POST", "/payments"), Outcome.failed(new IllegalArgumentException(), 400));

        assertThat(text(line, "log.level")).isEqualTo("WARN");
        assertThat(text(line, "event.outcome")).isEqualTo("success");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_exception_that_throws_when_it_is_asked_for_its_message_has_its_line(boolean error) {
        RuntimeException hostile = new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                if (error) {
                    throw new AssertionError("message");
                }
                throw new IllegalStateException("message");
            }
        };
        JsonNode line = lineOf(TestExchange.http("GET", "/x"), Outcome.failed(hostile, 500));

        assertThat(text(line, "log.level")).isEqualTo("ERROR");
        assertThat(text(line, "error.type")).isEqualTo(hostile.getClass().getName());
        assertThat(text(line, "correlation_id")).hasSize(36);
    }

    @Test
    void a_cancelled_exchange_is_a_warning_with_the_reason() {
        JsonNode line =
                lineOf(TestExchange.http("GET", "/x"), Outcome.failed(new CancellationException("client\nleft")));

        assertThat(text(line, "message")).startsWith("GET /x cancelled in ");
        assertThat(text(line, "log.level")).isEqualTo("WARN");
        assertThat(text(line, "outcome")).isEqualTo("cancelled");
        assertThat(text(line, "event.outcome")).isEqualTo("unknown");
        assertThat(text(line, "cancel_reason")).isEqualTo("client\nleft");
    }

    @Test
    void an_answer_of_a_guard_names_the_guard() {
        try (Crosscut crosscut = Crosscuts.builder().guard(new Refusing(403)).build()) {
            Call call = crosscut.begin(TestExchange.http("GET", "/secret"));
            call.end(Outcome.completed(403));
        }

        JsonNode line = captured.onlyLine();
        assertThat(text(line, "message")).startsWith("GET /secret 403 in ");
        assertThat(text(line, "log.level")).isEqualTo("INFO");
        assertThat(text(line, "outcome")).isEqualTo("answered");
        assertThat(text(line, "answered_by")).isEqualTo("AccessLineTest$Refusing");
        assertThat(line.get("http.response.status_code").asInt()).isEqualTo(403);
    }

    @Test
    void a_guard_that_is_broken_is_an_error() {
        Guard broken = new Guard() {
            @Override
            public Phase phase() {
                return Phase.AUTHORIZE;
            }

            @Override
            public Decision admit(Exchange exchange) {
                throw new IllegalStateException("store is down");
            }
        };
        try (Crosscut crosscut = Crosscuts.builder().guard(broken).build()) {
            crosscut.begin(new TestExchange(Kind.SERVER, "grpc", "Payments/Create", Optional.empty()))
                    .end(Outcome.completed());
        }

        JsonNode line = captured.onlyLine();
        assertThat(text(line, "log.level")).isEqualTo("ERROR");
        assertThat(line.get("status_code").asInt()).isEqualTo(500);
    }

    @Test
    void a_status_of_another_protocol_is_not_taken_for_one_of_http() {
        JsonNode line = lineOf(
                new TestExchange(Kind.SERVER, "grpc", "Payments/Create", Optional.empty()), Outcome.completed(503));

        assertThat(text(line, "log.level")).isEqualTo("INFO");
        assertThat(text(line, "operation")).isEqualTo("Payments/Create");
        assertThat(text(line, "event.action")).isEqualTo("grpc.server");
        assertThat(line.get("status_code").asInt()).isEqualTo(503);
        assertThat(line.has("http.response.status_code")).isFalse();
        assertThat(line.has("url.path")).isFalse();
    }

    @Test
    void a_consumed_message_and_a_job_get_their_line_too() throws Exception {
        try (Crosscut crosscut = Crosscuts.with()) {
            crosscut.begin(new TestExchange(Kind.CONSUMER, "kafka", "payments", Optional.empty()))
                    .end(Outcome.completed());
            crosscut.run("nightly-report", () -> {});
            assertThatThrownBy(() -> crosscut.run("failing-report", () -> {
                        throw new IllegalStateException("no disk");
                    }))
                    .hasMessage("no disk");
        }

        List<JsonNode> lines = captured.lines();
        assertThat(text(lines.get(0), "event.action")).isEqualTo("kafka.consumer");
        assertThat(text(lines.get(0), "message")).startsWith("payments completed in ");
        assertThat(text(lines.get(1), "event.action")).isEqualTo("local");
        assertThat(text(lines.get(1), "operation")).isEqualTo("nightly-report");
        assertThat(text(lines.get(2), "log.level")).isEqualTo("ERROR");
        assertThat(text(lines.get(2), "error.message")).isEqualTo("no disk");
        assertThat(lines).hasSize(3);
    }

    @Test
    void a_step_within_another_exchange_is_only_worth_debug() {
        try (Crosscut crosscut = Crosscuts.with()) {
            crosscut.run("outer", () -> crosscut.run("inner", () -> {}));
        }

        assertThat(captured.lines())
                .extracting(line -> text(line, "operation") + " " + text(line, "log.level"))
                .containsExactly("inner DEBUG", "outer INFO");
    }

    @Test
    void outgoing_calls_have_no_line_unless_a_setting_says_so() {
        try (Crosscut crosscut = Crosscuts.with()) {
            crosscut.begin(new TestExchange(Kind.CLIENT, "http", "GET", Optional.of("/ledger")))
                    .end(Outcome.completed(200));
        }
        assertThat(captured.text()).isEmpty();
        try (Crosscut crosscut = Crosscuts.with("access", "client")) {
            crosscut.begin(new TestExchange(Kind.CLIENT, "http", "GET", Optional.of("/ledger")))
                    .end(Outcome.completed(200));
            crosscut.begin(TestExchange.http("GET", "/x")).end(Outcome.completed(200));
        }

        assertThat(text(captured.onlyLine(), "event.action")).isEqualTo("http.client");
    }

    @Test
    void a_setting_switches_access_lines_off() {
        try (Crosscut crosscut = Crosscuts.with("access", "")) {
            crosscut.begin(TestExchange.http("GET", "/x")).end(Outcome.completed(500));
        }

        assertThat(captured.text()).isEmpty();
    }

    @Test
    void a_path_forges_nothing_in_the_message_nor_in_its_field() {
        String path = "/x\r\n{\"message\":\"forged\"}\u202e\ud800";
        JsonNode line = lineOf(TestExchange.http("GET", path), Outcome.completed(404));

        assertThat(text(line, "url.path")).isEqualTo(Texts.wellFormed(path));
        assertThat(text(line, "message")).startsWith("GET /x\\r\\n{\"message\":\"forged\"}\\u202e\ufffd 404 in ");
    }

    @Test
    void what_an_observer_further_in_puts_on_the_exchange_at_the_end_is_on_the_line() {
        Observer late = new Observer() {
            @Override
            public void end(Exchange exchange, Outcome outcome) {
                exchange.put(ITEMS, 7);
            }
        };
        try (Crosscut crosscut = Crosscuts.builder().observer(late).build()) {
            crosscut.begin(TestExchange.http("GET", "/x")).end(Outcome.completed(200));
        }

        assertThat(captured.onlyLine().get("items").asInt()).isEqualTo(7);
    }

    @Test
    void a_key_of_the_user_and_a_field_of_the_line_that_share_a_name_are_both_there() {
        Key<String> outcome = Key.of("outcome", String.class).loggable();
        try (Crosscut crosscut = Crosscuts.with()) {
            Exchange exchange = TestExchange.http("GET", "/x");
            Call call = crosscut.begin(exchange);
            exchange.put(outcome, "mine");
            call.end(Outcome.completed(200));
        }

        assertThat(text(captured.onlyLine(), "outcome")).isEqualTo("mine");
        assertThat(text(captured.onlyLine(), "outcome_2")).isEqualTo("completed");
    }
}
