package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.context.Context;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where OpenTelemetry's context goes, the exchange goes too. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class TravellingStorageTest {

    private final ExecutorService pool = Executors.newSingleThreadExecutor();
    private final Crosscut crosscut = Crosscut.builder()
            .discoverPlugins(false)
            .plugin(new TracingPlugin())
            .build();

    @AfterEach
    void nothing_is_left_on_any_thread() throws Exception {
        assertThat(Exchange.current()).isEmpty();
        assertThat(Context.current()).isSameAs(Context.root());
        assertThat(pool.submit(Exchange::current).get()).isEmpty();
        assertThat(pool.submit(Context::current).get()).isSameAs(Context.root());
        assertThat(crosscut.faults()).isEmpty();
        pool.shutdown();
        crosscut.close();
    }

    @Test
    void a_context_that_is_taken_to_another_thread_takes_the_exchange_along() throws Exception {
        TestExchange exchange = new TestExchange(Kind.SERVER);
        Call call = crosscut.begin(exchange);
        Callable<Optional<Exchange>> wrapped;
        ExecutorService taking = Context.taskWrapping(pool);
        try (Scope scope = call.attach()) {
            wrapped = Context.current().wrap(Exchange::current);
            assertThat(taking.submit(Exchange::current).get()).contains(exchange);
        }
        assertThat(pool.submit(wrapped).get()).contains(exchange);
        assertThat(wrapped.call()).contains(exchange);
        call.end(Outcome.completed(200));
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // this very exchange
    void what_a_context_has_beside_the_exchange_stays_in_it() throws Exception {
        TestExchange exchange = new TestExchange(Kind.SERVER);
        Call call = crosscut.begin(exchange);
        Baggage own = Baggage.builder().put("own", "1").build();
        try (Scope scope = call.attach();
                io.opentelemetry.context.Scope more = own.makeCurrent()) {
            Callable<String> asked = () -> Baggage.current().getEntryValue("own")
                    + Exchange.current().map(current -> current == exchange).orElse(false);

            assertThat(Context.taskWrapping(pool).submit(asked).get()).isEqualTo("1true");
            assertThat(asked.call()).isEqualTo("1true");
        }
        call.end(Outcome.completed(200));
    }

    @Test
    void a_context_of_another_exchange_is_that_exchange_for_a_while() {
        TestExchange outer = new TestExchange(Kind.SERVER);
        TestExchange inner = new TestExchange(Kind.SERVER);
        Call outerCall = crosscut.begin(outer);
        Call innerCall = crosscut.begin(inner);
        Context ofInner;
        try (Scope scope = innerCall.attach()) {
            ofInner = Context.current();
        }
        try (Scope scope = outerCall.attach()) {
            try (io.opentelemetry.context.Scope other = ofInner.makeCurrent()) {
                assertThat(Exchange.current()).contains(inner);
                try (Scope again = outerCall.attach()) {
                    assertThat(Exchange.current()).contains(outer);
                    assertThat(Context.current().get(ExchangeContext.EXCHANGE)).isSameAs(outer);
                }
                assertThat(Context.current()).isSameAs(ofInner);
            }
            assertThat(Exchange.current()).contains(outer);
            assertThat(Context.current().get(ExchangeContext.EXCHANGE)).isSameAs(outer);
        }
        innerCall.end(Outcome.completed(200));
        outerCall.end(Outcome.completed(200));
    }
}
