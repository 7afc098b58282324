package dev.crosscut.benchmarks;

import org.openjdk.jmh.annotations.CompilerControl;

/**
 * The work inside a scope. It does nothing, but the compiler may not look inside it, as it could not look inside a
 * service's own code: what was made current has to be really so by the time it is called.
 */
final class Handler {

    private Handler() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static void handle() {}
}
