package dev.crosscut.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import dev.crosscut.tck.LoopServer.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The contract fails an adapter that does one thing wrong, and says what docs/adapters.md says that it says. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BrokenAdapterTest {

    private static final String HOSTILE_IDS = "a_hostile_correlation_id_is_replaced_and_never_echoed";
    private static final String HELD = "nothing_of_a_held_response_is_sent_before_its_guard_has_settled";
    private static final String LONG_BODY = "a_request_body_over_the_bound_is_answered_with_413";
    private static final String QUERY = "a_query_is_not_part_of_the_path_and_is_as_it_was_sent";
    private static final String VALID_ID = "a_valid_correlation_id_is_kept_and_echoed";
    private static final String ANSWERED = "a_guard_that_answers_takes_the_place_of_the_handler";

    private static final String COPIED_ANSWER = "what_a_guard_answers_is_copied_in_place_of_what_the_handler_wrote";
    private static final String COPIED_FAILURE =
            "what_an_exception_drops_before_it_is_sent_is_not_in_the_copy_and_what_was_sent_is";

    /** All that one test of a contract says when it fails; empty where it passes. */
    private static String complaint(Class<? extends AdapterContract> adapter, String test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(adapter, test))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        assertThat(listener.getSummary().getTestsStartedCount()).isEqualTo(1);

        StringBuilder said = new StringBuilder();
        listener.getSummary().getFailures().forEach(failure -> say(failure.getException(), said));
        return said.toString();
    }

    private static void say(Throwable failure, StringBuilder said) {
        said.append(failure).append('\n');
        for (Throwable suppressed : failure.getSuppressed()) {
            say(suppressed, said);
        }
    }

    /** Does nothing wrong; those that extend it do. */
    static class Sound extends CallbackAdapterTest {

        @Override
        RecordingObserver recorder() {
            return new RecordingObserver(Duration.ofSeconds(2));
        }

        @Override
        protected Running start(Crosscut crosscut, Handler handler) throws IOException {
            return new LoopServer(List.of(
                    context -> crosscut.beginAsync(exchange(context)).thenAccept(call -> begun(context, call)),
                    context -> run(handler, context)));
        }

        Exchange exchange(Context context) {
            return new LoopAdapter.LoopExchange(context);
        }

        void begun(Context context, Call call) {
            LoopCopy.install(context, call.exchange());
            endWith(context, call);
            goOn(context, call);
        }

        void goOn(Context context, Call call) {
            if (call.answer().isPresent()) {
                LoopHold.send(call.answer().get(), context);
                return;
            }
            LoopHold.install(context, call);
            handle(context, call);
        }

        static void endWith(Context context, Call call) {
            context.onEnd((status, error) ->
                    call.end(error == null ? Outcome.completed(status) : Outcome.failed(error, status)));
        }

        void handle(Context context, Call call) {
            try (Scope scope = call.attach()) {
                context.next();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {HOSTILE_IDS, HELD, LONG_BODY, QUERY, VALID_ID, ANSWERED, COPIED_ANSWER, COPIED_FAILURE})
    void an_adapter_that_does_all_right_passes(String test) {
        assertThat(complaint(Sound.class, test)).isEmpty();
    }

    static final class EndsTwice extends Sound {
        @Override
        void handle(Context context, Call call) {
            context.onEnd((status, error) -> {
                call.end(Outcome.completed(context.status()));
                call.end(Outcome.completed(context.status()));
            });
            super.handle(context, call);
        }
    }

    @Test
    void one_that_ends_a_call_twice_passes() {
        assertThat(complaint(EndsTwice.class, QUERY)).isEmpty();
    }

    static final class NeverEnds extends Sound {
        @Override
        void begun(Context context, Call call) {
            handle(context, call);
        }
    }

    @Test
    void one_that_never_ends_a_call_fails() {
        assertThat(complaint(NeverEnds.class, QUERY)).contains("/query: open at the end");
    }

    static final class LeavesScopesOpen extends Sound {
        private final List<Scope> open = new ArrayList<>();

        @Override
        void handle(Context context, Call call) {
            open.add(call.attach());
            context.next();
        }
    }

    @Test
    void one_that_leaves_a_scope_open_fails() {
        // more requests than the server has threads
        assertThat(complaint(LeavesScopesOpen.class, HOSTILE_IDS))
                .containsPattern("began on the thread .*, which still carries ")
                .containsPattern("a scope of .* was never closed");
    }

    static final class ClosesScopesElsewhere extends Sound {
        @Override
        void handle(Context context, Call call) {
            Scope scope = call.attach();
            try {
                context.next();
            } finally {
                CompletableFuture.runAsync(scope::close, WORKERS).join();
            }
        }
    }

    @Test
    void one_that_closes_a_scope_on_another_thread_fails() {
        assertThat(complaint(ClosesScopesElsewhere.class, QUERY)).contains("scopes were misused, see the log");
    }

    static final class SendsAtOnce extends Sound {
        @Override
        void begun(Context context, Call call) {
            endWith(context, call);
            context.sink(new AtOnce(context, call, context.sink()));
            handle(context, call);
        }

        private record AtOnce(Context context, Call call, LoopServer.Sink sink) implements LoopServer.Sink {
            @Override
            public void write(byte[] bytes) throws IOException {
                sink.write(bytes);
            }

            @Override
            public void flush() throws IOException {
                sink.flush();
            }

            @Override
            public void end() {
                call.settleAsync(Outcome.completed(context.status())).thenAccept(instead -> context.guarded(sink::end));
            }

            @Override
            public void expire(TimeoutException timeOut) {
                sink.expire(timeOut);
            }
        }
    }

    @Test
    void one_that_sends_a_held_response_before_it_is_settled_fails() {
        assertThat(complaint(SendsAtOnce.class, HELD)).contains("bytes were sent before the guard had settled");
    }

    static final class CutsBodies extends Sound {
        @Override
        Exchange exchange(Context context) {
            return new LoopAdapter.LoopExchange(context) {
                @Override
                protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
                    return context.body(limit)
                            .thenApply(bytes -> Optional.of(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, limit))));
                }
            };
        }
    }

    @Test
    void one_that_takes_the_beginning_of_a_body_for_the_whole_fails() {
        assertThat(complaint(CutsBodies.class, LONG_BODY))
                .contains("the guard was asked without the body that it needs");
    }

    static final class ReadsTooMuch extends Sound {
        @Override
        Exchange exchange(Context context) {
            return new LoopAdapter.LoopExchange(context) {
                @Override
                protected CompletionStage<Optional<ByteBuffer>> readRequestAsync(int limit) {
                    return context.body(limit).thenApply(bytes -> Optional.of(ByteBuffer.wrap(bytes)));
                }
            };
        }
    }

    @Test
    void one_that_reads_more_of_a_body_than_it_may_passes_for_the_pipeline_refuses_that() {
        assertThat(complaint(ReadsTooMuch.class, LONG_BODY)).isEmpty();
    }

    static final class ReadsNoHeader extends Sound {
        @Override
        Exchange exchange(Context context) {
            return new LoopAdapter.LoopExchange(context) {
                @Override
                public List<String> requestHeaders(String name) {
                    return List.of();
                }
            };
        }
    }

    static final class SendsNoHeader extends Sound {
        @Override
        Exchange exchange(Context context) {
            return new LoopAdapter.LoopExchange(context) {
                @Override
                public void responseHeader(String name, String value) {}
            };
        }
    }

    @Test
    void one_that_does_not_read_or_echo_the_correlation_id_fails() {
        assertThat(complaint(ReadsNoHeader.class, VALID_ID)).contains("expected: <order-42/A.b_c:d+e=f> but was: <");
        assertThat(complaint(SendsNoHeader.class, VALID_ID))
                .contains("expected: <[order-42/A.b_c:d+e=f]> but was: <[]>");
    }

    static final class IgnoresAnswers extends Sound {
        @Override
        void begun(Context context, Call call) {
            endWith(context, call);
            handle(context, call);
        }
    }

    @Test
    void one_that_runs_the_handler_although_a_guard_answered_fails() {
        assertThat(complaint(IgnoresAnswers.class, ANSWERED)).contains("expected: <429> but was: <200>");
    }

    static final class CopiesWhatIsHeld extends Sound {
        @Override
        void begun(Context context, Call call) {
            endWith(context, call);
            goOn(context, call);
        }

        @Override
        void handle(Context context, Call call) {
            LoopCopy.install(context, call.exchange());
            super.handle(context, call);
        }
    }

    static final class CopiesWhatIsDropped extends Sound {
        @Override
        void begun(Context context, Call call) {
            context.onEnd((status, error) -> call.end(Outcome.completed(context.status())));
            LoopCopy.install(context, call.exchange()); // too late to take back a copy before the end
            goOn(context, call);
        }
    }

    @Test
    void one_that_copies_what_is_not_sent_fails() {
        assertThat(complaint(CopiesWhatIsHeld.class, COPIED_ANSWER))
                .containsPattern("expected: <Copies.* but was: <Copies");
        assertThat(complaint(CopiesWhatIsDropped.class, COPIED_FAILURE))
                .containsPattern("expected: <Copies.* but was: <Copies.*dropped");
    }
}
