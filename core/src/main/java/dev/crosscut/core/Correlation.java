package dev.crosscut.core;

import java.util.Optional;

/** The correlation id of the work that this thread is doing. */
public final class Correlation {

    private Correlation() {}

    /**
     * The correlation id of the current exchange: text of 1 to 128 characters (or what {@code crosscut.correlation} allows)
     * that is safe in a log line and a header. A client may have chosen it, so it says nothing of who the client is, and
     * with its slashes and dots it is not the name of a file.
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
