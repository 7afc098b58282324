package dev.crosscut.core;

/**
 * The stretch of code on one thread for which something is current. Closing it restores what was current before.
 *
 * <p>A scope is closed once, on the thread that opened it, in the reverse order of opening; try-with-resources does all
 * three. A scope closed on another thread changes nothing there and is counted in {@link Crosscut#faults()}; one closed
 * out of order takes effect when those above it are closed, so that nothing stays behind on the thread.
 */
@FunctionalInterface
public interface Scope extends AutoCloseable {

    @Override
    void close();
}
