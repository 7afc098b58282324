package dev.crosscut.idempotency;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where the records of idempotency keys are kept, shared by all processes that must not do the same work twice.
 *
 * <p>A record is under a {@link RecordKey} and is <em>running</em>, <em>done</em> or <em>released</em>. It has an owner and an
 * epoch, which together are its {@link Ticket}; the {@link Fingerprint} that it was claimed with; a lease, while it is
 * running; a retention; and the bytes of the engine. A store decides on nothing but time and tickets: it compares no
 * fingerprints, knows no policy, and never waits for the owner of a record.
 *
 * <p>What each method does, it does atomically, as seen by all processes that share the store. Durations are counted from
 * when the store carries out the call, by the clock of the store where there is one, never by clocks of several machines.
 * Precision is a millisecond. Nothing here gives up a record before its retention is over: a store that is full refuses to
 * claim.
 *
 * <p>Called from many threads at once; may block, unless {@link #isBlocking()} says otherwise. Whatever a method throws says
 * that it is not known whether the call was carried out. {@code IdempotencyStoreContract} in crosscut-tck tests a store.
 */
public interface IdempotencyStore extends AutoCloseable {

    /**
     * A store in the memory of this process: for work that no other process does, and whose records may be lost when the
     * process ends. It never blocks, is {@link Inspectable}, and drops by itself what is over.
     *
     * @param maxBytes how much its records may take in all, each counted as 288 bytes and those of its outcome or progress;
     *     over it, a claim of a key that is not there throws an {@link IllegalStateException}, and all else goes on
     * @return a new store
     * @throws IllegalArgumentException if not even one record fits
     */
    static IdempotencyStore embedded(long maxBytes) {
        return new EmbeddedStore(maxBytes);
    }

    /**
     * Claims a record.
     *
     * <ul>
     *   <li>Where there is none, or it is released, or its retention is over: grants it, with the owner, lease, retention and
     *       fingerprint that are given here. The epoch is one more than that of the record that was there, 1 where there is
     *       none; a purge and a store that drops records by itself begin at 1 again.
     *   <li>Where it is running and the owner is the same: grants it once more, unchanged; the reply to the first call was
     *       lost.
     *   <li>Where it is running and its lease is not over: {@link Claim.Running}.
     *   <li>Where it is running and its lease is over: {@link Claim.Abandoned}; unless the terms name its ticket as
     *       {@linkplain ClaimTerms#abandoned() abandoned}: grants it as above, and keeps the progress.
     *   <li>Where it is done: {@link Claim.Done}.
     * </ul>
     *
     * @param key the key
     * @param fingerprint what of the request must be the same for each use of the key
     * @param terms owner, lease and retention
     * @return what became of the claim
     */
    Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms);

    /**
     * Makes a running record done, whether its lease is over or not, as long as the ticket is still its own. Once more with
     * the same ticket, it says true and changes nothing: the reply to the first call was lost.
     *
     * @param ticket the owner's
     * @param outcome what later claims find
     * @param retention how long they do, from now
     * @return whether the ticket is that of the record and the record is now done; false where another owner has it, where
     *     it is released, or gone
     */
    boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention);

    /**
     * Makes a running record released, so that the next claim is granted: the work was not done. What is kept is the epoch.
     *
     * @param ticket the owner's
     * @return whether the record was running with this ticket
     */
    boolean release(Ticket ticket);

    /**
     * Begins the lease of a running record anew, whether it is over or not, as long as the ticket is still its own. The
     * retention is then at least as long.
     *
     * @param ticket the owner's
     * @param lease how long, from now; zero where the owner gives the record up without knowing what it has done
     * @param progress what the work has done so far, in place of what was kept; empty at first
     * @return whether the record was running with this ticket
     */
    boolean renew(Ticket ticket, Duration lease, ByteBuffer progress);

    /**
     * Whether calls may wait for anything but the processor. Asynchronous callers then hand them to other threads.
     *
     * @return true unless overridden
     */
    default boolean isBlocking() {
        return true;
    }

    /** Closes what the store has opened itself. */
    @Override
    default void close() {}

    /** A store that does not drop by itself what is over. */
    interface Purgeable {

        /**
         * Drops records whose retention is over, in one short transaction.
         *
         * @param max the most to drop
         * @return how many were dropped; fewer than {@code max} where none is left
         */
        int purge(int max);
    }

    /** A store whose records are in the database that the work is done in. */
    interface Transactional {

        /**
         * The same records, read and written through a connection of the caller's and within its transaction. Closing it
         * changes nothing.
         *
         * @param connection not in auto-commit mode; used by one thread at a time, and never committed or rolled back
         * @return a store for this transaction; its {@code claim} may wait for a transaction that has claimed the same key
         * @throws IllegalArgumentException if the connection commits by itself
         */
        IdempotencyStore within(Connection connection);
    }

    /** A store that people can look into. */
    interface Inspectable {

        /**
         * Looks a record up.
         *
         * @param key the key
         * @return the record, empty where there is none or its retention is over
         */
        Optional<RecordInfo> find(RecordKey key);

        /**
         * Forgets a record, whatever its state, so that the next claim is granted.
         *
         * @param key the key
         * @return whether there was one
         */
        boolean expire(RecordKey key);

        /**
         * Counts the records, for people; it may read all of them.
         *
         * @return how many there are in each state, those whose retention is over left out
         */
        Map<RecordInfo.State, Long> count();
    }
}
