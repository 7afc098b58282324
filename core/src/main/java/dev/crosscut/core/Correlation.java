package dev.crosscut.core;

import java.util.Optional;

/** The correlation id of the work that this thread is doing. */
public final class Correlation {

    private Correlation() {}

    /**
     * The correlation id of the current exchange: text of 1 to 128 characters that is safe in a log line, a header and a
     * file name. For one that a client may choose, it says nothing of who the client is.
     *
     * @return the id, empty outside of any exchange and where {@code crosscut.correlation.enabled} is false
     */
    public static Optional<String> current() {
        Exchange exchange = Current.get();
        return exchange == null ? Optional.empty() : exchange.get(Key.CORRELATION_ID);
    }

    /**
     * A new id: a UUID of version 7 (RFC 9562), ordered by the time of its making within this process.
     *
     * @return 36 characters
     */
    public static String newId() {
        return UuidV7.GENERATOR.next();
    }
}
