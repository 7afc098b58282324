package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;

/** What an event looks like on a line. Immutable but for caches; safe for use by several threads. */
sealed interface Format permits JsonFormat, DevelopmentFormat {

    /** Appends the line of an event, with the line feed at its end, to an empty line. */
    void write(ILoggingEvent event, LineBuffer line);

    /** Appends what can be said of an event that is itself broken, to an empty line. */
    void writeFault(ILoggingEvent event, Throwable fault, LineBuffer line);

    static Format of(FormatSettings settings, Masking masking) {
        return settings.development() ? new DevelopmentFormat(settings, masking) : new JsonFormat(settings, masking);
    }
}
