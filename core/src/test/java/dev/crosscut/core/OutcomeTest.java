package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** How an exchange may come out. */
@Guarantees
class OutcomeTest {

    private final IOException bare = new IOException("made");

    @Test
    void what_carried_a_failure_from_thread_to_thread_is_taken_off() {
        Throwable wrapped = new CompletionException(new ExecutionException(new CompletionException(bare)));

        assertThat(Outcome.failed(wrapped)).isEqualTo(new Outcome.Failed(bare, OptionalInt.empty()));
        assertThat(Outcome.failed(wrapped, 502)).isEqualTo(new Outcome.Failed(bare, OptionalInt.of(502)));
        assertThat(Outcome.failed(bare)).isEqualTo(new Outcome.Failed(bare, OptionalInt.empty()));
    }

    private static final class Http extends TestExchange {

        Http(Kind kind) {
            super(kind);
        }

        @Override
        public String protocol() {
            return "http";
        }
    }

    @Test
    void a_status_of_http_is_an_error_of_who_made_it() {
        Exchange server = new Http(Exchange.Kind.SERVER);
        Exchange client = new Http(Exchange.Kind.CLIENT);

        assertThat(server.errorType(Outcome.completed(200))).isEmpty();
        assertThat(server.errorType(Outcome.completed(404))).isEmpty();
        assertThat(server.errorType(Outcome.completed(503))).contains("503");
        assertThat(client.errorType(Outcome.completed(302))).isEmpty();
        assertThat(client.errorType(Outcome.completed(404))).contains("404");
        assertThat(client.errorType(Outcome.completed(500))).contains("500");
        assertThat(server.errorType(Outcome.failed(bare, 400))).isEmpty();
        assertThat(server.errorType(Outcome.failed(bare, 500))).contains("500");
    }

    @Test
    void an_exception_without_an_error_status_is_an_error_of_its_class_and_a_cancellation_is_none() {
        for (Exchange exchange : List.of(new Http(Exchange.Kind.SERVER), new TestExchange(Exchange.Kind.LOCAL))) {
            assertThat(exchange.errorType(Outcome.failed(bare))).contains("java.io.IOException");
            assertThat(exchange.errorType(Outcome.failed(bare, 200))).contains("java.io.IOException");
            assertThat(exchange.errorType(Outcome.cancelled("gone"))).isEmpty();
            assertThat(exchange.errorType(Outcome.completed())).isEmpty();
        }
    }

    @Test
    void other_protocols_have_statuses_of_their_own_but_a_guard_answers_in_those_of_http() {
        Exchange exchange = new TestExchange(Exchange.Kind.CONSUMER);

        assertThat(exchange.errorType(Outcome.completed(500))).isEmpty();
        assertThat(exchange.errorType(new Outcome.Answered(Problems.guardFailed(), "guard")))
                .contains("500");
        assertThat(exchange.errorType(new Outcome.Answered(Problems.unreadableBody(), "guard")))
                .isEmpty();
    }

    @Test
    void a_carrier_that_carries_nothing_is_the_failure_itself() {
        CompletionException empty = new CompletionException("empty", null);

        assertThat(Outcome.failed(empty)).isEqualTo(new Outcome.Failed(empty, OptionalInt.empty()));
    }

    @Test
    void what_wraps_a_failure_for_another_reason_stays() {
        IllegalStateException other = new IllegalStateException(bare);

        assertThat(Outcome.failed(new ExecutionException(other)))
                .isEqualTo(new Outcome.Failed(other, OptionalInt.empty()));
    }

    @Test
    void an_interrupt_or_a_cancellation_is_no_failure() {
        assertThat(Outcome.failed(new CompletionException(new CancellationException("enough"))))
                .isEqualTo(Outcome.cancelled("enough"));
        assertThat(Outcome.failed(new CancellationException())).isEqualTo(Outcome.cancelled("CancellationException"));
        assertThat(Outcome.failed(new InterruptedException(), 503))
                .isEqualTo(Outcome.cancelled("InterruptedException"));
    }

    @Test
    void each_has_the_status_that_its_protocol_gave_it() {
        assertThat(Outcome.completed().status()).isEmpty();
        assertThat(Outcome.completed(204).status()).hasValue(204);
        assertThat(Outcome.failed(bare).status()).isEmpty();
        assertThat(Outcome.failed(bare, 500).status()).hasValue(500);
        assertThat(Outcome.cancelled("gone").status()).isEmpty();
        assertThat(new Outcome.Answered(Reply.of(403), "guard").status()).hasValue(403);
        assertThat(Outcome.completed()).isSameAs(Outcome.completed());
    }
}
