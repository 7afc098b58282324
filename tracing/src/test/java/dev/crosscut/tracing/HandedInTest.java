package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An OpenTelemetry that is handed in, where the class path has the plugin too. */
@ExtendWith(StorageFirst.class)
class HandedInTest {

    @Test
    void aHandlerAddsToTheSpanOfAnSdkThatIsHandedIn() {
        try (Recorder recorder = new Recorder();
                Crosscut crosscut = Crosscut.builder()
                        .plugin(new TracingPlugin(recorder.sdk))
                        .build()) {
            Call call = crosscut.begin(new TestExchange(Kind.SERVER));
            try (Scope scope = call.attach()) {
                Span.current().setAttribute("payment.amount", 1250);
            }
            call.end(Outcome.completed(200));

            assertThat(recorder.last().getAttributes().get(AttributeKey.longKey("payment.amount")))
                    .isEqualTo(1250L);
        }
    }
}
