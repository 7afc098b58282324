package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Exchange.Kind;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The context of an exchange is to everybody as one of OpenTelemetry's own. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class ExchangeContextTest {

    private static final ContextKey<String> KEY = ContextKey.named("test");

    private final TestExchange exchange = new TestExchange(Kind.SERVER);
    private final Span span = span("00f067aa0ba902b7");
    private final Context below = Context.root().with(span("1111111111111111")).with(KEY, "below");
    private final ExchangeContext context = new ExchangeContext(below, span, exchange);

    private static Span span(String id) {
        return Span.wrap(SpanContext.create(
                "4bf92f3577b34da6a3ce929d0e0e4736", id, TraceFlags.getSampled(), TraceState.getDefault()));
    }

    @Test
    void it_has_its_span_its_exchange_and_what_is_below() {
        for (Context same : new Context[] {context, context.plain()}) {
            assertThat(Span.fromContext(same)).isSameAs(span);
            assertThat(same.get(ExchangeContext.EXCHANGE)).isSameAs(exchange);
            assertThat(same.get(KEY)).isEqualTo("below");
            assertThat(same.get(ContextKey.<String>named("test"))).isNull();
        }
    }

    @Test
    void whatever_is_put_in_goes_with_the_rest() {
        Span inner = span("2222222222222222");
        Baggage baggage = Baggage.builder().put("own", "1").build();

        Context changed = context.with(inner).with(KEY, "changed").with(baggage);

        assertThat(Span.fromContext(changed)).isSameAs(inner);
        assertThat(changed.get(KEY)).isEqualTo("changed");
        assertThat(Baggage.fromContext(changed)).isEqualTo(baggage);
        assertThat(changed.get(ExchangeContext.EXCHANGE)).isSameAs(exchange);
        assertThat(Span.fromContext(context)).isSameAs(span);
        assertThat(context.get(KEY)).isEqualTo("below");
    }

    @Test
    void without_a_span_or_an_exchange_it_has_those_below() {
        Context within = new ExchangeContext(context, Span.getInvalid(), null);

        assertThat(Span.fromContext(within)).isSameAs(span);
        assertThat(within.get(ExchangeContext.EXCHANGE)).isSameAs(exchange);
        assertThat(Span.fromContextOrNull(new ExchangeContext(Context.root(), Span.getInvalid(), null)))
                .isNull();
    }

    /** As that of an agent: each context that is asked for is made anew. */
    private record Translating(ContextStorage storage) implements ContextStorage {

        @Override
        public @Nullable Scope attach(Context context) {
            return storage.attach(context);
        }

        @Override
        public @Nullable Context current() {
            Context current = storage.current();
            return current == null ? null : current.with(ContextKey.named("translated"), true);
        }
    }

    @Test
    void it_is_used_where_the_storage_keeps_it_and_not_where_that_makes_contexts_of_its_own() {
        assertThat(ExchangeContext.isKept()).isTrue();
        assertThat(ExchangeContext.isKeptBy(new Translating(ContextStorage.get())))
                .isFalse();
        assertThat(Context.current()).isSameAs(Context.root());
    }
}
