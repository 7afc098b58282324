package dev.crosscut.core;

import java.util.List;

/** Correlation, as the plugin that every {@link Crosscut} has. */
final class CorrelationPlugin implements Plugin {

    enum Trust {
        KEEP,
        RECORD
    }

    static final Setting<List<String>> HEADERS = Setting.text(
                    "crosscut.correlation.headers",
                    "The header fields that may carry a correlation id, the preferred one first. An incoming exchange takes"
                            + " its id from the first that is present; the first in the list is echoed on the response and"
                            + " sent on outgoing exchanges.")
            .check("the name of a header field", HeaderFields::isName)
            .list()
            .check("at least one name", names -> !names.isEmpty())
            .or(List.of("X-Correlation-ID", "X-Request-ID"));

    static final Setting<Trust> TRUST = Setting.choice(
                    "crosscut.correlation.trust",
                    "What becomes of a valid id that an outside caller sends: keep makes it the exchange's own, record"
                            + " makes a new one and keeps the caller's as the log field external_correlation_id.",
                    Trust.class)
            .or(Trust.KEEP);

    static final Setting<Boolean> ECHO = Setting.flag(
                    "crosscut.correlation.echo", "Whether the response to an incoming request carries the id.")
            .or(true);

    static final Setting<Integer> MAX_LENGTH = Setting.integer(
                    "crosscut.correlation.max-length", "The longest id that is accepted, in characters.")
            .check("1 to 1024", length -> length >= 1 && length <= 1024)
            .or(128);

    static final Setting<String> EXTRA_CHARACTERS = Setting.text(
                    "crosscut.correlation.extra-characters",
                    "Characters that an id may have beyond letters, digits and . _ : + / = - (visible ASCII, none of \" ,"
                            + " ; < > \\ ').")
            .check("visible ASCII, none of \" , ; < > \\ '", CorrelationIds::areAllowedExtras)
            .or("");

    @Override
    public String name() {
        return "correlation";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(HEADERS, TRUST, ECHO, MAX_LENGTH, EXTRA_CHARACTERS);
    }

    @Override
    public void install(Crosscut.Builder builder, Settings settings) {
        builder.observer(new CorrelationObserver(
                settings.get(HEADERS),
                settings.get(TRUST),
                settings.get(ECHO),
                new CorrelationIds(settings.get(MAX_LENGTH), settings.get(EXTRA_CHARACTERS))));
    }
}
