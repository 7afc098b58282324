package dev.crosscut.core;

/**
 * Something that watches every exchange and can never stop, change or break one.
 *
 * <p>Observers enclose {@linkplain Guard guards}, so they see denials and replays like any other outcome. They begin in
 * the order of their {@link Phase}, then of registration, and end in the reverse order. What an observer throws is
 * reported at most once a minute, counted in {@link Crosscut#faults()}, and the exchange goes on; only a
 * {@link VirtualMachineError} passes through, after the other observers have been told.
 *
 * <p>Implementations are called from many threads at once, and for one exchange {@code begin} and {@code end} may run on
 * different threads; what belongs to one exchange is kept on it under a {@link Key} of the observer's own.
 */
public interface Observer {

    /** The place of an observer in the ring, from the outside in. Those further in end first. */
    enum Phase {
        /** Finds or makes the correlation id. */
        CORRELATION,
        /** Opens spans. */
        TRACING,
        /** Measures. */
        METRICS,
        /** Writes the access line. */
        LOGGING,
        /** Records who did what. */
        AUDIT,
        /** Everything else. What it puts on the exchange at the end still reaches the log line, the span and the meters. */
        APPLICATION
    }

    /**
     * An observer that looks at the bodies of what comes from outside, or at how long they are: it is asked for exchanges of
     * {@link Exchange.Kind#SERVER} and {@link Exchange.Kind#CONSUMER}.
     */
    interface OfBodies extends Observer {

        /**
         * How much of the request body to copy as the handler reads it. Asked once an exchange, after {@link #begin};
         * the copy is at {@link Exchange#requestCopy()}.
         *
         * @param exchange the exchange
         * @return the bound in bytes; 0 for how long the body is and no more; negative for nothing
         * @throws Exception as {@link #begin}
         */
        int requestCopy(Exchange exchange) throws Exception;

        /**
         * How much of the response body to copy as the handler writes it; the copy is at {@link Exchange#responseCopy()}.
         *
         * @param exchange the exchange
         * @return as {@link #requestCopy}
         * @throws Exception as {@link #begin}
         */
        int responseCopy(Exchange exchange) throws Exception;
    }

    /**
     * The place of this observer. Asked once, when the pipeline is built.
     *
     * @return the phase, {@link Phase#APPLICATION} unless overridden
     */
    default Phase phase() {
        return Phase.APPLICATION;
    }

    /**
     * The exchange begins. It is not yet current on this thread.
     *
     * @param exchange the exchange
     * @throws Exception contained; {@code end} is then not called for this exchange
     */
    default void begin(Exchange exchange) throws Exception {}

    /**
     * The exchange has ended. It is current on this thread. Called exactly once for each exchange that this observer
     * began.
     *
     * @param exchange the exchange
     * @param outcome how it came out
     * @throws Exception contained
     */
    default void end(Exchange exchange, Outcome outcome) throws Exception {}
}
