package dev.crosscut.core;

import java.io.IOException;
import java.util.stream.Stream;

/** The ways in which a participant may fail. */
enum Fault {
    CHECKED,
    UNCHECKED,
    ASSERTION,
    LINKAGE,
    BARE_THROWABLE,
    STACK_OVERFLOW,
    OUT_OF_MEMORY,
    INTERNAL;

    Throwable make() {
        return switch (this) {
            case CHECKED -> new IOException("made");
            case UNCHECKED -> new IllegalStateException("made");
            case ASSERTION -> new AssertionError("made");
            case LINKAGE -> new NoClassDefFoundError("made");
            case BARE_THROWABLE -> new Throwable("made");
            case STACK_OVERFLOW -> new StackOverflowError("made");
            case OUT_OF_MEMORY -> new OutOfMemoryError("made");
            case INTERNAL -> new InternalError("made");
        };
    }

    boolean isFatal() {
        return make() instanceof VirtualMachineError;
    }

    static Stream<Fault> contained() {
        return Stream.of(values()).filter(fault -> !fault.isFatal());
    }

    static Stream<Fault> fatal() {
        return Stream.of(values()).filter(Fault::isFatal);
    }

    /** Throws anything from anywhere. Never returns; declared so that it can be the operand of a throw. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T extends Throwable> RuntimeException sneaky(Throwable fault) throws T {
        throw (T) fault;
    }
}
