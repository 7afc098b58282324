package dev.crosscut.core;

import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How an {@link Exchange} came out. Immutable; a closed set. */
public sealed interface Outcome {

    /**
     * The handler ran and returned, or the response of an outgoing call arrived.
     *
     * @param status the protocol's status code, empty where the protocol has none
     */
    record Completed(OptionalInt status) implements Outcome {

        private static final int USUAL_STATUS = 200; // of HTTP
        private static final Completed WITHOUT_STATUS = new Completed(OptionalInt.empty());
        private static final Completed WITH_USUAL_STATUS = new Completed(OptionalInt.of(USUAL_STATUS));
    }

    /**
     * A guard answered: the handler did not run, or its response was withheld.
     *
     * @param reply what was answered
     * @param guard the class name of the guard, also where the pipeline answered on its behalf: a body over its bound, a
     *     fault
     */
    record Answered(Reply reply, String guard) implements Outcome {

        @Override
        public OptionalInt status() {
            return OptionalInt.of(reply.status());
        }
    }

    /**
     * The handler threw, or an outgoing call failed without a response.
     *
     * @param error the exception itself, not one that merely carries it between threads
     * @param status the status that the protocol gives such a failure, empty where it is not known
     */
    record Failed(Throwable error, OptionalInt status) implements Outcome {}

    /**
     * Nobody waits for the result any more: the client went away, a deadline passed, the caller cancelled. The handler
     * may have run, in part or whole.
     *
     * @param reason why, as one short line for a person
     */
    record Cancelled(String reason) implements Outcome {

        @Override
        public OptionalInt status() {
            return OptionalInt.empty();
        }
    }

    /**
     * The protocol's status code.
     *
     * @return the code, empty where there is none
     */
    OptionalInt status();

    /**
     * Work that returned, in a protocol without status codes.
     *
     * @return the outcome
     */
    static Outcome completed() {
        return Completed.WITHOUT_STATUS;
    }

    /**
     * Work that returned.
     *
     * @param status the protocol's status code
     * @return the outcome
     */
    static Outcome completed(int status) {
        return status == Completed.USUAL_STATUS ? Completed.WITH_USUAL_STATUS : new Completed(OptionalInt.of(status));
    }

    /**
     * Work that threw. {@link CompletionException} and {@link ExecutionException} are taken off; a
     * {@link CancellationException} or {@link InterruptedException} makes a {@link Cancelled}.
     *
     * @param error what was thrown
     * @return a {@link Failed} or {@link Cancelled}
     */
    static Outcome failed(Throwable error) {
        return failed(error, OptionalInt.empty());
    }

    /**
     * Work that threw, in a protocol that answers this with a status of its own; otherwise as {@link #failed(Throwable)}.
     *
     * @param error what was thrown
     * @param status the status code that the client gets
     * @return a {@link Failed} or {@link Cancelled}
     */
    static Outcome failed(Throwable error, int status) {
        return failed(error, OptionalInt.of(status));
    }

    private static Outcome failed(Throwable error, OptionalInt status) {
        Throwable bare = Faults.unwrap(error);
        if (bare instanceof CancellationException || bare instanceof InterruptedException) {
            String message = bare.getMessage();
            return new Cancelled(message == null ? bare.getClass().getSimpleName() : message);
        }
        return new Failed(bare, status);
    }

    /**
     * Work whose result nobody waits for.
     *
     * @param reason why, as one short line for a person
     * @return the outcome
     */
    static Outcome cancelled(String reason) {
        return new Cancelled(reason);
    }
}
