package dev.crosscut.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.Encoder;
import dev.crosscut.core.Secret;
import java.util.List;
import java.util.stream.Stream;
import net.logstash.logback.argument.StructuredArguments;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.marker.Markers;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/** A {@link Secret} is not shown by the encoders of others either, which know nothing of it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SecretInEncodersTest {

    private static final String VALUE = "hunter2-q7";

    private static StructuredLogEncoder springBoot(String format) {
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setFormat(format);
        return encoder;
    }

    private static JsonEncoder json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithFormattedMessage(true);
        return encoder;
    }

    private static PatternLayoutEncoder pattern() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d %level %logger %msg %kvp %marker %X %X{secret}%n%ex");
        return encoder;
    }

    static Stream<Arguments> encoders() {
        return Stream.of(
                Arguments.of("LogstashEncoder", new LogstashEncoder()),
                Arguments.of("JsonEncoder", json()),
                Arguments.of("StructuredLogEncoder, ecs", springBoot("ecs")),
                Arguments.of("StructuredLogEncoder, logstash", springBoot("logstash")),
                Arguments.of("StructuredLogEncoder, gelf", springBoot("gelf")),
                Arguments.of("PatternLayoutEncoder", pattern()),
                Arguments.of("CrosscutEncoder", new CrosscutEncoder()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encoders")
    void it_is_on_no_line_as_an_argument_as_a_key_value_in_the_mdc_in_a_marker_or_in_an_exception(
            String name, Encoder<ILoggingEvent> encoder) {
        LoggerContext context = new LoggerContext();
        LogbackMDCAdapter mdc = new LogbackMDCAdapter();
        context.setMDCAdapter(mdc);
        context.putObject(Environment.class.getName(), new StandardEnvironment());
        encoder.setContext(context);
        encoder.start();
        Secret secret = Secret.of(VALUE);
        mdc.put("secret", secret.toString());
        Object[] arguments = {secret, StructuredArguments.kv("argued", secret), List.of(secret)};
        LoggingEvent event = new LoggingEvent(
                "fqcn",
                context.getLogger("test"),
                Level.ERROR,
                "login with {} {} {}",
                new IllegalStateException("no login with " + secret),
                arguments);
        event.setKeyValuePairs(List.of(new KeyValuePair("given", secret), new KeyValuePair("listed", List.of(secret))));
        event.addMarker(Markers.append("marked", secret));
        String line = new String(encoder.encode(event), UTF_8);

        assertThat(line)
                .contains("login with *** argued=*** [***]")
                .contains("no login with ***")
                .contains("given")
                .doesNotContain(VALUE, "hunter2");
    }
}
