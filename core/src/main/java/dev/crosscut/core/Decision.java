package dev.crosscut.core;

import java.util.Objects;

/** What a {@link Guard} says of an exchange: go on, or answer in place of the handler. Immutable; a closed set. */
public sealed interface Decision {

    /** The exchange goes on to the next guard, and after the last to the handler. */
    enum Proceed implements Decision {
        /** The one instance. */
        INSTANCE
    }

    /**
     * The exchange ends here.
     *
     * @param reply what the client gets
     */
    record Answer(Reply reply) implements Decision {

        /**
         * Checks that there is a reply.
         *
         * @param reply what the client gets
         * @throws NullPointerException if it is missing
         */
        public Answer {
            Objects.requireNonNull(reply, "reply");
        }
    }

    /**
     * Go on.
     *
     * @return the decision; always the same object
     */
    static Decision proceed() {
        return Proceed.INSTANCE;
    }

    /**
     * Answer in place of the handler.
     *
     * @param reply what the client gets
     * @return the decision
     */
    static Decision answer(Reply reply) {
        return new Answer(reply);
    }
}
