package dev.crosscut.core;

/**
 * A mirror of the current exchange in another library's thread-bound context, such as SLF4J's MDC or OpenTelemetry's
 * {@code Context}; the one place where a concern touches a thread-local.
 *
 * <p>Whatever a binding throws is contained, reported at most once a minute and counted in {@link Crosscut#faults()}.
 */
public interface Binding {

    /**
     * The exchange becomes current on this thread.
     *
     * @param exchange the exchange
     * @return a {@link Scope}, or the other library's own, closed on this thread when the exchange is no longer current; restores what was there before
     */
    AutoCloseable attach(Exchange exchange);

    /**
     * No exchange is current on this thread for a while: a task that belongs to none runs on a thread that is in the
     * middle of one.
     *
     * @return closed on this thread when the exchange from before is current again; restores what was there before
     */
    AutoCloseable clear();
}
