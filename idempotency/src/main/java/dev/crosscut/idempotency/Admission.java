package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.time.Duration;

/** What the engine says of a request. A closed set. */
sealed interface Admission {

    /** The work is to be done here. */
    record Owned(IdempotentRun run) implements Admission {}

    /** The work is done. */
    record Replay(Request request, ByteBuffer outcome) implements Admission {}

    /** Somebody is at it. */
    record InFlight(Duration remaining) implements Admission {}

    /** The key was used for something else. */
    record Mismatch() implements Admission {}

    /** Nobody knows whether it is done. */
    record Unknown() implements Admission {}
}
