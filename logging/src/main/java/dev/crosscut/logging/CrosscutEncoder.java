package dev.crosscut.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import org.jspecify.annotations.Nullable;

/**
 * An encoder of JSON lines, to name in a {@code logback.xml}:
 *
 * <pre>{@code
 * <encoder class="dev.crosscut.logging.CrosscutEncoder"/>
 * }</pre>
 *
 * <p>An event makes exactly one line, whatever it carries: a JSON object (RFC 8259) in UTF-8 without duplicate names, and a
 * line feed; together no longer than {@code crosscut.logging.max-line}, and with what correlates it. Safe for use by several
 * threads.
 */
public final class CrosscutEncoder extends EncoderBase<ILoggingEvent> {

    private static final byte[] NOTHING = {};

    private volatile @Nullable ExchangeMdc mdc; // what the context as a whole has

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
        if (!(getContext() instanceof LoggerContext context)) {
            throw new IllegalStateException("the context is " + getContext()
                    + "; expected setContext with Logback's LoggerContext before start");
        }
        mdc = ExchangeMdc.of(context);
        super.start();
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
        ExchangeMdc context = mdc;
        if (context == null || !isStarted()) {
            throw new IllegalStateException("the encoder has not been started");
        }
        LineBuffer line = write(event, context);
        byte[] bytes = line.toByteArray();
        context.lines().give(line);
        return bytes;
    }

    /** The line of an event, which the caller gives back to the pool that the context has. */
    LineBuffer write(ILoggingEvent event, ExchangeMdc context) {
        LineBuffer line = context.lines().take();
        Format format = context.format();
        try {
            format.write(event, line);
        } catch (Throwable e) {
            addWarn("an event could not be written whole", Values.survived(e));
            line.clear();
            format.writeFault(event, e, line);
        }
        return line;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
