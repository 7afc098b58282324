package dev.crosscut.logging;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Each with logging and no other plugin, as a test has it set. */
final class Crosscuts {

    private static final String LOGGING = "crosscut.logging.";

    private Crosscuts() {}

    /** Of each two, the first is a key without {@code crosscut.logging.}, the second its value; the last for a key holds. */
    static Crosscut.Builder builder(String... settings) {
        Map<String, String> byKey = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            byKey.put(LOGGING + settings[i], settings[i + 1]);
        }
        Crosscut.Builder builder = Crosscut.builder().discoverPlugins(false).plugin(new LoggingPlugin());
        byKey.forEach(builder::property);
        return builder;
    }

    static Crosscut with(String... settings) {
        return builder(settings).build();
    }

    /** With a buffer for debug lines, of 64 KB unless it is set otherwise. */
    static Crosscut withBuffer(String... settings) {
        return with(Stream.concat(Stream.of("debug-buffer", "64KB"), Stream.of(settings))
                .toArray(String[]::new));
    }

    /** A request that is handled and ends. */
    static void handle(Crosscut crosscut, Runnable handler, Outcome outcome) {
        Call call = crosscut.begin(TestExchange.http("GET", "/x").correlationId("order-42"));
        try (Scope scope = call.attach()) {
            handler.run();
        }
        call.end(outcome);
    }
}
