package dev.crosscut.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.core.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Each misuse of the pipeline that the recorder knows, and that it says which it was. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordingObserverTest {

    private final RecordingObserver recorder = new RecordingObserver(Duration.ofMillis(50));
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .source(Source.of("none", Map.of()))
            .observer(recorder)
            .binding(recorder)
            .build();

    private static final class Incoming extends Exchange {
        private final String path;

        Incoming(String path) {
            super(Kind.SERVER);
            this.path = path;
        }

        @Override
        public String protocol() {
            return "test";
        }

        @Override
        public String operation() {
            return "GET";
        }

        @Override
        public Optional<String> path() {
            return Optional.of(path);
        }

        @Override
        public List<String> requestHeaders(String name) {
            return List.of();
        }

        @Override
        public String toString() {
            return "GET " + path;
        }
    }

    private void verifyFailsWith(String... misuses) {
        assertThatThrownBy(recorder::verify)
                .isInstanceOf(AssertionError.class)
                .hasMessage("the pipeline was misused:\n  - " + String.join("\n  - ", misuses));
    }

    @Test
    void what_was_done_properly_is_no_misuse() {
        Call call = crosscut.begin(new Incoming("/a"));
        try (Scope scope = call.attach();
                Scope inner = call.attach()) {
            assertThat(Exchange.current()).isPresent();
        }
        call.end(Outcome.completed(200));
        call.end(Outcome.completed(200));

        assertThatCode(recorder::verify).doesNotThrowAnyException();
        assertThat(recorder.only(r -> true).outcome()).contains(Outcome.completed(200));
    }

    @Test
    void an_exchange_without_an_end_is_open() {
        crosscut.begin(new Incoming("/a"));

        verifyFailsWith("GET /a /a: open at the end");
    }

    @Test
    void an_exchange_that_begins_where_another_is_current_is_told_with_both() {
        Call left = crosscut.begin(new Incoming("/left"));
        try (Scope scope = left.attach()) {
            crosscut.begin(new Incoming("/next")).end(Outcome.completed());
        }
        left.end(Outcome.completed());

        verifyFailsWith("GET /next began on the thread "
                + Thread.currentThread().getName() + ", which still carries GET /left");
    }

    @Test
    void an_end_without_a_beginning_and_a_second_end_are_told() {
        Exchange exchange = new Incoming("/a");
        recorder.end(exchange, Outcome.completed(200));
        recorder.begin(exchange);
        recorder.end(exchange, Outcome.completed(200));
        recorder.end(exchange, Outcome.completed(404));

        verifyFailsWith(
                "GET /a ended and never began",
                "GET /a /a: " + Outcome.completed(200) + " ended again as " + Outcome.completed(404));
    }

    @Test
    void a_scope_that_is_never_closed_closed_twice_or_elsewhere_is_told() throws InterruptedException {
        String here = Thread.currentThread().getName();
        Exchange exchange = new Incoming("/a");
        recorder.attach(exchange);
        Scope twice = recorder.clear();
        twice.close();
        twice.close();
        Thread elsewhere = new Thread(recorder.attach(exchange)::close, "elsewhere");
        elsewhere.start();
        elsewhere.join();

        verifyFailsWith(
                "a scope of no exchange was closed twice",
                "a scope of GET /a was opened on " + here + " and closed on elsewhere",
                "a scope of GET /a on " + here + " was never closed");
    }

    @Test
    void only_one_is_one_that_ended_and_no_other() {
        assertThatThrownBy(() -> recorder.only(r -> true))
                .hasMessage("expected one exchange that ended, found [] among []");

        crosscut.begin(new Incoming("/a")).end(Outcome.completed(200));
        crosscut.begin(new Incoming("/a")).end(Outcome.completed(200));
        crosscut.begin(new Incoming("/open"));

        assertThatThrownBy(() -> recorder.only(r -> r.path().equals(Optional.of("/a"))))
                .hasMessageStartingWith("expected one exchange that ended, found [GET /a /a: ");
        assertThatThrownBy(() -> recorder.only(r -> r.path().equals(Optional.of("/open"))))
                .hasMessageStartingWith("expected one exchange that ended, found [GET /open /open: open] among ");
    }
}
