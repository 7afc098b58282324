package dev.crosscut.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.crosscut.core.Key;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * An encoder of JSON lines, to name in a {@code logback.xml}:
 *
 * <pre>{@code
 * <encoder class="dev.crosscut.logging.CrosscutEncoder"/>
 * }</pre>
 *
 * <p>An event makes exactly one line, whatever it carries: a JSON object (RFC 8259) in UTF-8 without duplicate names, and a
 * line feed. Safe for use by several threads.
 */
public final class CrosscutEncoder extends EncoderBase<ILoggingEvent> {

    private static final byte[] NOTHING = {};

    private volatile @Nullable Lines lines; // none after one that failed

    /** Makes the encoder; Logback does. */
    public CrosscutEncoder() {}

    /**
     * Makes the encoder ready.
     *
     * @throws IllegalStateException if it has not been given a {@link LoggerContext}
     */
    @Override
    public void start() {
        if (isStarted()) {
            return;
        }
        lines = newLines();
        super.start();
    }

    private Lines newLines() {
        if (!(getContext() instanceof LoggerContext context)) {
            throw new IllegalStateException("the context is " + getContext()
                    + "; expected setContext with Logback's LoggerContext before start");
        }
        Lines started = new Lines(ExchangeMdc.of(context));
        started.setContext(context);
        started.start();
        return started;
    }

    @Override
    public void stop() {
        super.stop();
        Lines ready = lines;
        if (ready != null) {
            ready.stop();
        }
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    /**
     * The line of an event.
     *
     * @param event the event
     * @return the line, with the line feed at its end
     * @throws IllegalStateException if the encoder has not been started
     */
    @Override
    public byte[] encode(ILoggingEvent event) {
        if (!isStarted()) {
            throw new IllegalStateException("the encoder has not been started");
        }
        try {
            Lines ready = lines;
            if (ready == null) {
                ready = newLines();
                lines = ready;
            }
            return ready.encode(event);
        } catch (Throwable e) {
            // A stack that overflowed may have left this thread a generator in mid-line, or closed.
            lines = null;
            addWarn("an event could not be written whole", Values.survived(e));
            return lastResort(event, e);
        }
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    /** What can be said of an event that is itself broken. */
    private static byte[] lastResort(ILoggingEvent event, Throwable fault) {
        StringBuilder line = new StringBuilder(256);
        String timestamp = new String(new Timestamps().format(Instant.now()), StandardCharsets.US_ASCII);
        append(line, "{\"@timestamp\":\"", () -> timestamp);
        append(line, "\",\"log.level\":\"", () -> String.valueOf(event.getLevel()));
        append(line, "\",\"message\":\"", event::getFormattedMessage);
        append(
                line,
                "\",\"" + Key.CORRELATION_ID.name() + "\":\"",
                () -> event.getMDCPropertyMap().get(Key.CORRELATION_ID.name()));
        append(line, "\",\"log.logger\":\"", event::getLoggerName);
        append(line, "\",\"encoding_fault\":\"", fault::toString);
        return line.append("\"}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder line, String before, Supplier<@Nullable String> text) {
        line.append(before);
        try {
            String known = text.get();
            if (known != null) {
                line.append(JsonStringEncoder.getInstance().quoteAsCharArray(Texts.printable(known)));
            }
        } catch (RuntimeException | StackOverflowError e) {
            line.append('<').append(e.getClass().getName()).append('>');
        }
    }
}
