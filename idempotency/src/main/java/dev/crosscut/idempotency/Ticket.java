package dev.crosscut.idempotency;

import java.util.Objects;

/**
 * The right of one owner to one record: whoever changes a record shows it, and it is compared as a whole. Immutable.
 *
 * @param key the key of the record
 * @param owner the owner's number
 * @param epoch how often the record has been granted, from 1 on: the fencing number, greater with each owner
 */
public record Ticket(RecordKey key, long owner, int epoch) {

    /**
     * Checks the epoch.
     *
     * @param key the key of the record
     * @param owner the owner's number
     * @param epoch from 1 on
     * @throws IllegalArgumentException if the epoch is under 1
     */
    public Ticket {
        Objects.requireNonNull(key, "key");
        if (epoch < 1) {
            throw new IllegalArgumentException("the epoch is " + epoch + "; expected 1 or more");
        }
    }
}
