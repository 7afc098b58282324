package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A stand-in on which each call of a method is an exchange. */
@Guarantees
class ProxyTest {

    @Retention(RetentionPolicy.RUNTIME)
    @interface Allowed {
        String value();
    }

    interface Reports {
        @Operation("nightly-report")
        @Allowed("interface")
        void nightly();

        void plain();

        @Operation("of-the-interface")
        String both();

        default String greeting(String name) {
            return "hello " + name;
        }

        int sum(int a, Integer... more);

        void checked() throws IOException;
    }

    /** As a service would write it; nothing here is public, nor need it be. */
    static class Base {
        @Operation("of-the-base")
        public void plain() {}
    }

    static final class Writer extends Base implements Reports {
        @Override
        public void nightly() {}

        @Override
        @Operation("of-the-class")
        @Allowed("class")
        public String both() {
            return "both";
        }

        @Override
        public int sum(int a, Integer... more) {
            return a + more.length;
        }

        @Override
        public void checked() throws IOException {
            throw new IOException("made");
        }

        @Override
        public String toString() {
            return "writer";
        }
    }

    private final List<Exchange> seen = new ArrayList<>();
    private final Crosscut crosscut = Crosscuts.bare()
            .observer(new Observer() {
                @Override
                public void begin(Exchange exchange) {
                    seen.add(exchange);
                }
            })
            .build();
    private final Writer writer = new Writer();
    private final Reports reports = crosscut.proxy(Reports.class, writer);

    private String operation() {
        return seen.get(seen.size() - 1).operation();
    }

    private Method method() {
        return seen.get(seen.size() - 1).get(Key.INVOCATION).orElseThrow().method();
    }

    @Test
    void the_exchange_is_named_by_the_class_else_the_interface_else_the_method() {
        reports.nightly();
        assertThat(operation()).isEqualTo("nightly-report");
        assertThat(reports.both()).isEqualTo("both");
        assertThat(operation()).isEqualTo("of-the-class");
        reports.plain();
        assertThat(operation()).as("on a superclass").isEqualTo("of-the-base");
        assertThat(reports.sum(1, 2, 3)).isEqualTo(3);
        assertThat(operation()).isEqualTo("Reports.sum");
        assertThat(reports.greeting("ann")).isEqualTo("hello ann");
        assertThat(operation()).as("a default method").isEqualTo("Reports.greeting");
    }

    @Test
    void the_method_is_the_one_of_the_class_with_its_annotations() {
        reports.both();
        assertThat(method().getDeclaringClass()).isEqualTo(Writer.class);
        assertThat(method().getAnnotation(Allowed.class).value()).isEqualTo("class");
        reports.greeting("ann");
        assertThat(method().getDeclaringClass()).isEqualTo(Reports.class);
        reports.plain();
        assertThat(method().getDeclaringClass()).isEqualTo(Base.class);
    }

    interface Handler<T, R> {
        R handle(T request) throws Exception;
    }

    static final class Strings implements Handler<String, Integer> {
        @Override
        @Operation("measure")
        @Allowed("generic")
        public Integer handle(String request) {
            return request.length();
        }

        @Operation("another")
        @Allowed("another")
        public Integer handle(Integer request) {
            return request;
        }
    }

    static final class Narrow implements Supplier<String> {
        @Override
        @Operation("narrow")
        public String get() {
            return "narrow";
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void annotations_on_the_method_of_a_generic_interface_are_found() throws Exception {
        Handler<String, Integer> handler = crosscut.proxy(Handler.class, new Strings());
        assertThat(handler.handle("four")).isEqualTo(4);
        assertThat(operation()).isEqualTo("measure");
        assertThat(method().getAnnotation(Allowed.class).value()).isEqualTo("generic");

        Supplier<String> supplier = crosscut.proxy(Supplier.class, new Narrow());
        assertThat(supplier.get()).isEqualTo("narrow");
        assertThat(operation()).isEqualTo("narrow");
        assertThat(method().isBridge()).isFalse();
    }

    interface Annotated {
        @Allowed("interface")
        String ask();
    }

    @Test
    void a_lambda_and_a_stand_in_have_the_annotations_of_its_interface() {
        Annotated annotated = crosscut.proxy(Annotated.class, () -> "answer");

        assertThat(annotated.ask()).isEqualTo("answer");

        assertThat(operation()).isEqualTo("Annotated.ask");
        assertThat(method().getAnnotation(Allowed.class).value()).isEqualTo("interface");
        assertThat(crosscut.proxy(Annotated.class, annotated).ask()).isEqualTo("answer");
        assertThat(seen)
                .extracting(exchange -> exchange.get(Key.INVOCATION).map(Invocation::method))
                .containsOnly(Optional.of(method()));
    }

    @Test
    void what_the_method_throws_arrives_unwrapped() {
        assertThatThrownBy(reports::checked)
                .isInstanceOf(IOException.class)
                .hasMessage("made")
                .hasNoCause();
    }

    @Test
    @SuppressWarnings("unchecked")
    void interfaces_of_the_jdk_can_be_stood_in_for() throws Exception {
        List<String> ran = new ArrayList<>();
        crosscut.proxy(Runnable.class, () -> ran.add("ran")).run();
        assertThat(crosscut.proxy(Callable.class, () -> "called").call()).isEqualTo("called");
        assertThat(crosscut.proxy(Comparator.class, Comparator.naturalOrder())
                        .reversed()
                        .compare(1, 2))
                .isEqualTo(1);

        assertThat(ran).containsExactly("ran");
        assertThat(seen).extracting(Exchange::operation).contains("Runnable.run", "Callable.call");
    }

    @Test
    void equals_hash_code_and_to_string_are_no_exchanges_and_keep_their_contracts() {
        Reports same = crosscut.proxy(Reports.class, writer);
        Reports other = crosscut.proxy(Reports.class, new Writer());

        assertThat(reports).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(same).isEqualTo(reports);
        assertThat(reports).isNotEqualTo(other).isNotEqualTo(null).isNotEqualTo("text");
        assertThat(reports.equals(writer)).isEqualTo(writer.equals(reports));
        assertThat(Set.of(reports)).contains(same);
        assertThat(new ArrayList<>(List.of(reports)).remove(reports)).isTrue();
        assertThat(reports).hasToString("writer");
        assertThat(seen).isEmpty();
    }

    @Test
    void a_class_is_no_interface() {
        assertThatThrownBy(() -> crosscut.proxy(Writer.class, writer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(Writer.class.getName()
                        + " is not an interface; expected the interface that callers use the target through");
    }

    @Test
    void there_must_be_an_object() {
        assertThatThrownBy(() -> crosscut.proxy(Reports.class, null)).isInstanceOf(NullPointerException.class);
    }

    interface Quotes {
        String quote(String of, int count);

        CompletionStage<String> later(String of);
    }

    /** Answers what it is told to, before the method or in place of its result. */
    private static final class Answering implements Guard {
        private boolean admits;
        private boolean answers = true;
        private Optional<Object> seen = Optional.empty();

        @Override
        public Phase phase() {
            return Phase.DEDUPLICATE;
        }

        @Override
        public Decision admit(Exchange exchange) {
            return admits ? Decision.proceed() : answer(exchange);
        }

        @Override
        public Decision settle(Exchange exchange, Outcome outcome) {
            seen = exchange.get(Key.INVOCATION).orElseThrow().result();
            return answer(exchange);
        }

        private Decision answer(Exchange exchange) {
            Invocation call = exchange.get(Key.INVOCATION).orElseThrow();
            if (answers) {
                call.answer("answered " + call.arguments());
            }
            return Decision.answer(Reply.of(409));
        }
    }

    private final Answering guard = new Answering();
    private final Quotes quotes = Crosscuts.bare().guard(guard).build().proxy(Quotes.class, new Quotes() {
        @Override
        public String quote(String of, int count) {
            return of + count;
        }

        @Override
        public CompletionStage<String> later(String of) {
            return CompletableFuture.completedFuture(of);
        }
    });

    @Test
    void a_guard_that_answers_can_say_what_the_method_returns() {
        assertThat(quotes.quote("x", 1)).isEqualTo("answered [x, 1]");
        assertThat(quotes.later("x").toCompletableFuture()).isCompletedWithValue("answered [x]");
    }

    @Test
    void a_guard_sees_the_result_and_can_put_another_in_its_place() {
        guard.admits = true;
        assertThat(quotes.quote("x", 1)).isEqualTo("answered [x, 1]");
        assertThat(guard.seen).contains("x1");
        assertThat(quotes.later("y").toCompletableFuture()).isCompletedWithValue("answered [y]");
        assertThat(guard.seen).contains("y");
    }

    @Test
    void a_guard_that_answers_and_says_no_result_refuses() {
        guard.answers = false;
        assertThatThrownBy(() -> quotes.quote("x", 1)).isInstanceOf(RefusedException.class);
        guard.admits = true;
        assertThatThrownBy(() -> quotes.quote("x", 1)).isInstanceOf(RefusedException.class);
        assertThat(quotes.later("x").toCompletableFuture()).isCompletedExceptionally();
    }
}
