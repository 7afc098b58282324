package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many owners at once. */
@Timeout(120)
abstract class StoreRacesContract extends StoreValuesContract {

    private static final int KEYS = 200;

    /** The round that one thread plays for one key. */
    @FunctionalInterface
    interface Racer<T> {
        T run(int round, int thread) throws Exception;
    }

    /** Runs each round on all threads at once; the results of a round are in the order of its threads. */
    static <T> List<List<T>> race(int threads, int rounds, Racer<T> racer) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Callable<List<T>>> tasks = IntStream.range(0, threads)
                .<Callable<List<T>>>mapToObj(thread -> () -> {
                    try {
                        List<T> results = new ArrayList<>();
                        for (int round = 0; round < rounds; round++) {
                            start.await();
                            results.add(racer.run(round, thread));
                        }
                        return results;
                    } catch (Exception | Error e) {
                        start.reset(); // the others would wait for ever
                        throw e;
                    }
                })
                .toList();
        List<List<T>> byThread = together(tasks);
        return IntStream.range(0, rounds)
                .mapToObj(round ->
                        byThread.stream().map(results -> results.get(round)).toList())
                .toList();
    }

    private static List<RecordKey> keys(int count) {
        return IntStream.range(0, count).mapToObj(i -> key()).toList();
    }

    private static Fingerprint fingerprint(int thread) {
        return Fingerprint.of(new byte[] {(byte) thread});
    }

    /** Exactly one is granted, and all others see who that is. */
    private static Ticket winner(String what, List<Claim> claims) {
        List<Integer> winners = IntStream.range(0, claims.size())
                .filter(thread -> claims.get(thread) instanceof Claim.Granted)
                .boxed()
                .toList();
        assertEquals(1, winners.size(), () -> what + ": how many are granted, of " + claims);
        int winner = winners.get(0);
        for (int thread = 0; thread < claims.size(); thread++) {
            if (thread != winner) {
                running(what + ", one that is not granted", fingerprint(winner), LEASE, claims.get(thread));
            }
        }
        return ((Claim.Granted) claims.get(winner)).ticket();
    }

    @Test
    void of_many_claims_of_one_key_exactly_one_is_granted_and_all_others_see_its_fingerprint() throws Exception {
        List<RecordKey> keys = keys(KEYS);
        List<List<Claim>> claims = race(
                threads(), KEYS, (round, thread) -> store(thread).claim(keys.get(round), fingerprint(thread), terms()));
        for (List<Claim> claimed : claims) {
            Ticket ticket = winner("claims of a key without a record, at once", claimed);
            assertEquals(1, ticket.epoch(), "the epoch of a key that had no record");
            assertTrue(
                    store().complete(ticket, NOTHING, RETENTION),
                    "completion by the one that is granted: expected true");
        }
    }

    @Test
    void of_many_claims_of_a_released_record_exactly_one_is_granted() throws Exception {
        List<RecordKey> keys = keys(KEYS / 4);
        for (RecordKey key : keys) {
            store().release(granted("a key without a record", store().claim(key, FINGERPRINT, terms())));
        }
        List<List<Claim>> claims = race(
                threads(),
                keys.size(),
                (round, thread) -> store(thread).claim(keys.get(round), fingerprint(thread), terms()));
        for (List<Claim> claimed : claims) {
            Ticket ticket = winner("claims of a released record, at once", claimed);
            assertEquals(2, ticket.epoch(), "the epoch of a record that is granted for the second time");
        }
    }

    @Test
    void of_many_take_overs_of_one_record_exactly_one_is_granted() throws Exception {
        List<Ticket> abandoned = abandoned(KEYS / 2);
        List<List<Claim>> claims = race(
                threads(),
                abandoned.size(),
                (round, thread) -> store(thread)
                        .claim(abandoned.get(round).key(), fingerprint(thread), takingOver(abandoned.get(round))));
        for (List<Claim> claimed : claims) {
            Ticket ticket = winner("take-overs of an abandoned record, at once", claimed);
            assertEquals(2, ticket.epoch(), "the epoch of a record that was taken over once");
        }
    }

    private List<Ticket> abandoned(int count) {
        return keys(count).stream()
                .map(key -> {
                    Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
                    assertTrue(
                            store().renew(ticket, Duration.ZERO, buffer("progress")),
                            "renewal for no time by the owner: expected true");
                    return ticket;
                })
                .toList();
    }

    @Test
    void of_a_completion_and_a_take_over_exactly_one_wins() throws Exception {
        List<Ticket> abandoned = abandoned(KEYS);
        List<List<Object>> results = race(2, KEYS, (round, thread) -> {
            Ticket ticket = abandoned.get(round);
            return thread == 0
                    ? store().complete(ticket, buffer("late"), RETENTION)
                    : store(1).claim(ticket.key(), ANOTHER, takingOver(ticket));
        });
        for (int round = 0; round < KEYS; round++) {
            Ticket late = abandoned.get(round);
            Claim claim = (Claim) results.get(round).get(1);
            if ((Boolean) results.get(round).get(0)) {
                done("take-over of a record that was completed at once", FINGERPRINT, "late", claim);
                done("a claim after that", FINGERPRINT, "late", store().claim(late.key(), ANOTHER, terms()));
            } else {
                Ticket next = granted("a record whose completion was refused", claim);
                granted("a record whose completion was refused", next, "progress", claim);
                running("a claim after that", ANOTHER, LEASE, store().claim(late.key(), FINGERPRINT, terms()));
                assertTrue(
                        store().complete(next, NOTHING, RETENTION),
                        "completion by who took the record over: expected true");
            }
        }
    }

    @Test
    void of_a_renewal_and_a_take_over_exactly_one_wins() throws Exception {
        List<Ticket> abandoned = abandoned(KEYS);
        List<List<Object>> results = race(2, KEYS, (round, thread) -> {
            Ticket ticket = abandoned.get(round);
            return thread == 0
                    ? store().renew(ticket, LEASE, buffer("late"))
                    : store(1).claim(ticket.key(), ANOTHER, takingOver(ticket));
        });
        for (int round = 0; round < KEYS; round++) {
            Ticket late = abandoned.get(round);
            Claim claim = (Claim) results.get(round).get(1);
            if ((Boolean) results.get(round).get(0)) {
                running("take-over of a record that was renewed at once", FINGERPRINT, LEASE, claim);
                assertTrue(
                        store().complete(late, NOTHING, RETENTION),
                        "completion by the owner that renewed: expected true");
            } else {
                granted("a record whose renewal was refused", granted("it", claim), "progress", claim);
            }
        }
    }

    @Test
    void of_a_release_and_a_take_over_both_may_win_and_the_epoch_says_which_came_first() throws Exception {
        List<Ticket> abandoned = abandoned(KEYS);
        List<List<Object>> results = race(2, KEYS, (round, thread) -> {
            Ticket ticket = abandoned.get(round);
            return thread == 0 ? store().release(ticket) : store(1).claim(ticket.key(), ANOTHER, takingOver(ticket));
        });
        for (int round = 0; round < KEYS; round++) {
            boolean released = (Boolean) results.get(round).get(0);
            Claim claim = (Claim) results.get(round).get(1);
            Ticket next = granted("a record that is released or taken over", claim);
            assertEquals(2, next.epoch(), "the epoch of a record that was released or taken over once");
            granted("a record that is released or taken over", next, released ? "" : "progress", claim);
            running("a claim after that", ANOTHER, LEASE, store().claim(next.key(), FINGERPRINT, terms()));
        }
    }

    @Test
    void a_claim_is_never_granted_while_a_record_goes_from_running_to_done() throws Exception {
        List<RecordKey> keys = keys(KEYS / 4);
        List<Ticket> tickets = keys.stream()
                .map(key -> granted("a key without a record", store().claim(key, FINGERPRINT, terms())))
                .toList();
        race(Math.min(8, threads()), keys.size(), (round, thread) -> {
            if (thread == 0) {
                assertTrue(
                        store().complete(tickets.get(round), buffer("once"), RETENTION),
                        "completion by the owner: expected true");
                return true;
            }
            for (; ; ) {
                Claim claim = store(thread).claim(keys.get(round), ANOTHER, terms());
                if (claim instanceof Claim.Done) {
                    done("a claim while the record is completed", FINGERPRINT, "once", claim);
                    return true;
                }
                running("a claim while the record is completed", FINGERPRINT, LEASE, claim);
                LockSupport.parkNanos(1000);
            }
        });
    }

    @Test
    void work_that_many_would_do_fails_and_is_given_up_and_is_still_done_once() throws Exception {
        int count = 30;
        List<RecordKey> keys = keys(count);
        List<Queue<Ticket>> grants = keys.stream()
                .<Queue<Ticket>>map(key -> new ConcurrentLinkedQueue<>())
                .toList();
        AtomicIntegerArray done = new AtomicIntegerArray(count);
        race(Math.min(16, threads()), count, (round, thread) -> {
            RecordKey key = keys.get(round);
            ClaimTerms terms = terms();
            for (; ; ) {
                Claim claim = store(thread).claim(key, FINGERPRINT, terms);
                if (claim instanceof Claim.Granted granted) {
                    grants.get(round).add(granted.ticket());
                    switch ((thread + granted.ticket().epoch()) % 3) {
                        case 0 -> store(thread).release(granted.ticket());
                        case 1 -> store(thread).renew(granted.ticket(), Duration.ZERO, NOTHING);
                        default -> {
                            if (store(thread).complete(granted.ticket(), NOTHING, RETENTION)) {
                                done.incrementAndGet(round);
                            }
                        }
                    }
                    terms = terms();
                } else if (claim instanceof Claim.Abandoned abandoned) {
                    terms = takingOver(abandoned.ticket());
                } else if (claim instanceof Claim.Done) {
                    return true;
                } else {
                    LockSupport.parkNanos(1000);
                }
            }
        });
        for (int round = 0; round < count; round++) {
            assertEquals(1, done.get(round), "how many owners have completed a record");
            Set<Integer> epochs = new HashSet<>();
            for (Ticket ticket : grants.get(round)) {
                assertTrue(epochs.add(ticket.epoch()), () -> "the epoch " + ticket.epoch() + " was granted twice");
            }
            assertEquals(
                    epochs.size(),
                    epochs.stream().mapToInt(Integer::intValue).max().orElse(0),
                    "the last epoch, of as many grants");
        }
    }

    // lost requests and replies

    /** Fails before or after the call, as its next loss says. For one thread. */
    private static final class Lossy implements IdempotencyStore {

        enum Loss {
            NONE,
            REQUEST,
            REPLY
        }

        private final IdempotencyStore store;
        private Loss next = Loss.NONE;

        Lossy(IdempotencyStore store) {
            this.store = store;
        }

        static final class LostException extends RuntimeException {
            static final long serialVersionUID = 1L;
        }

        private <T> T call(Supplier<T> call) {
            Loss loss = next;
            next = Loss.NONE;
            if (loss == Loss.REQUEST) {
                throw new LostException();
            }
            T result = call.get();
            if (loss == Loss.REPLY) {
                throw new LostException();
            }
            return result;
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            return call(() -> store.claim(key, fingerprint, terms));
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            return call(() -> store.complete(ticket, outcome.duplicate(), retention));
        }

        @Override
        public boolean release(Ticket ticket) {
            return call(() -> store.release(ticket));
        }

        @Override
        public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
            return call(() -> store.renew(ticket, lease, progress.duplicate()));
        }

        /** What a caller does that wants to know: it asks again until there is a reply. */
        <T> T insisting(Loss loss, Supplier<T> call) {
            next = loss;
            for (int i = 0; i < 3; i++) {
                try {
                    return call.get();
                } catch (LostException e) {
                    // asked again
                }
            }
            return fail("no reply");
        }
    }

    @Test
    void a_claim_that_is_repeated_because_its_reply_was_lost_is_granted_with_the_same_ticket() {
        Lossy lossy = new Lossy(store());
        for (Lossy.Loss loss : Lossy.Loss.values()) {
            RecordKey key = key();
            ClaimTerms terms = terms();
            Ticket ticket = new Ticket(key, terms.owner(), 1);
            granted(
                    "claim, lost: " + loss,
                    ticket,
                    "",
                    lossy.insisting(loss, () -> lossy.claim(key, FINGERPRINT, terms)));
            running("a claim after that", FINGERPRINT, LEASE, store().claim(key, ANOTHER, terms()));
            assertTrue(store().renew(ticket, Duration.ZERO, buffer("progress")), "renewal by the owner");

            ClaimTerms next = takingOver(ticket);
            granted(
                    "take-over, lost: " + loss,
                    new Ticket(key, next.owner(), 2),
                    "progress",
                    lossy.insisting(loss, () -> lossy.claim(key, ANOTHER, next)));
            running("a claim after that", ANOTHER, LEASE, store().claim(key, FINGERPRINT, terms()));
        }
    }

    @Test
    void a_completion_that_is_repeated_because_its_reply_was_lost_says_true() {
        Lossy lossy = new Lossy(store());
        for (Lossy.Loss loss : Lossy.Loss.values()) {
            RecordKey key = key();
            Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
            ByteBuffer outcome = buffer("outcome");
            assertTrue(
                    lossy.insisting(loss, () -> lossy.complete(ticket, outcome, RETENTION)),
                    "completion, lost: " + loss + ": expected true");
            done("a claim after that", FINGERPRINT, "outcome", store().claim(key, ANOTHER, terms()));
        }
    }

    @Test
    void a_renewal_or_a_release_that_is_repeated_because_its_reply_was_lost_has_been_done_once() {
        Lossy lossy = new Lossy(store());
        for (Lossy.Loss loss : Lossy.Loss.values()) {
            RecordKey key = key();
            Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
            assertTrue(
                    lossy.insisting(loss, () -> lossy.renew(ticket, LEASE, buffer("progress"))),
                    "renewal, lost: " + loss + ": expected true");
            granted(
                    "the owner claims its record again",
                    ticket,
                    "progress",
                    store().claim(key, FINGERPRINT, terms(ticket.owner())));
            assertEquals(
                    loss != Lossy.Loss.REPLY,
                    lossy.insisting(loss, () -> lossy.release(ticket)),
                    "release, lost: " + loss + ": whether the record was running");
            assertEquals(
                    2,
                    granted("a record that was released", store().claim(key, ANOTHER, terms()))
                            .epoch(),
                    "the epoch of a record that is granted for the second time");
        }
    }

    @Test
    void a_release_that_is_late_because_it_was_lost_on_its_way_frees_nobody_elses_record() throws Exception {
        Made made = made(State.RUNNING);
        assertTrue(store().release(made.ticket()), "release by the owner: expected true");
        granted("a released record", store().claim(made.key(), ANOTHER, terms()));
        assertFalse(store().release(made.ticket()), "the same release once more: expected false");
        running("a claim after that", ANOTHER, LEASE, store().claim(made.key(), FINGERPRINT, terms()));
    }
}
