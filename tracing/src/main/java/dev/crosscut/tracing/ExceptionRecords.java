package dev.crosscut.tracing;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import dev.crosscut.tracing.TracingSettings.Exceptions;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The exception that an exchange failed with, for OpenTelemetry: as a record of its log, or as an event of the span. Without
 * messages unless they are asked for, since what is in them is anybody's guess.
 */
final class ExceptionRecords {

    private static final String SCOPE = "dev.crosscut.tracing";
    private static final int MAX_CAUSES = 8;
    private static final int MAX_FRAMES = 64;
    private static final int MAX_MESSAGE = 1024;

    private final Supplier<OpenTelemetry> openTelemetry;
    private final Exceptions where;
    private final boolean hasMessages;

    ExceptionRecords(Supplier<OpenTelemetry> openTelemetry, Exceptions where, boolean hasMessages) {
        this.openTelemetry = openTelemetry;
        this.where = where;
        this.hasMessages = hasMessages;
    }

    /** Writes the exception, as an event of that name; nothing where it has none. */
    void write(String event, Exchange exchange, Outcome outcome, Traced traced) {
        if (where == Exceptions.NONE || event.isEmpty() || !(outcome instanceof Outcome.Failed failed)) {
            return;
        }
        if (where == Exceptions.EVENTS) {
            if (traced.span.isRecording()) {
                traced.span.addEvent("exception", attributes(failed.error()));
            }
            return;
        }
        Severity severity = exchange.kind().isOutgoing() ? Severity.WARN : Severity.ERROR;
        Logger logger = openTelemetry.get().getLogsBridge().get(SCOPE);
        if (logger.isEnabled(severity, traced.context())) {
            logger.logRecordBuilder()
                    .setContext(traced.context())
                    .setEventName(event)
                    .setSeverity(severity)
                    .setAllAttributes(attributes(failed.error()))
                    .emit();
        }
    }

    private Attributes attributes(Throwable error) {
        AttributesBuilder attributes = Attributes.builder()
                .put(Semantic.EXCEPTION_TYPE, error.getClass().getName())
                .put(Semantic.EXCEPTION_STACKTRACE, stackTrace(error));
        if (hasMessages) {
            attributes.put(Semantic.EXCEPTION_MESSAGE, message(error));
        }
        return attributes.build();
    }

    private String stackTrace(Throwable error) {
        StringBuilder text = new StringBuilder(1024);
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Throwable next = error;
        while (next != null && seen.size() < MAX_CAUSES && seen.add(next)) {
            text.append(seen.size() == 1 ? "" : "Caused by: ")
                    .append(next.getClass().getName());
            if (hasMessages) {
                text.append(": ").append(message(next));
            }
            text.append('\n');
            StackTraceElement[] frames = next.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                text.append("\tat ").append(frames[i]).append('\n');
            }
            if (frames.length > MAX_FRAMES) {
                text.append("\t... ").append(frames.length - MAX_FRAMES).append(" more\n");
            }
            next = next.getCause();
        }
        return text.toString();
    }

    private static String message(Throwable error) {
        String message;
        try {
            message = String.valueOf(error.getMessage());
        } catch (RuntimeException e) {
            message = "<" + e.getClass().getName() + ">";
        }
        return message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message;
    }
}
