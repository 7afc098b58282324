package dev.crosscut.idempotency;

import java.util.Set;

/** What becomes of a record by the status of the response. */
enum Statuses {
    /**
     * As the IETF draft suggests: the outcome is stored, but of what was not done for reasons that pass, and of server errors,
     * which do not say what was done.
     */
    IETF,
    /** As Stripe does: whatever the handler came to is stored, server errors too. */
    STRIPE;

    /** What becomes of a record. */
    enum Fate {
        STORE,
        RELEASE,
        GIVE_UP
    }

    /** Request Timeout, Conflict, Locked, Too Early, Too Many Requests: to be tried again with the same key. */
    private static final Set<Integer> PASSING = Set.of(408, 409, 423, 425, 429);

    Fate of(int status) {
        if (PASSING.contains(status)) {
            return Fate.RELEASE;
        }
        return status >= 500 && this == IETF ? Fate.GIVE_UP : Fate.STORE;
    }
}
