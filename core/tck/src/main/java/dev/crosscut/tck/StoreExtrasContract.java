package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.IdempotencyStore.Inspectable;
import dev.crosscut.idempotency.IdempotencyStore.Purgeable;
import dev.crosscut.idempotency.IdempotencyStore.Transactional;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What a store may do besides: be looked into, be purged, take part in a transaction. Skipped where it is not that. */
abstract class StoreExtrasContract extends StoreRacesContract {

    // to be looked into

    private Inspectable inspectable() {
        assumeTrue(store() instanceof Inspectable, "the store is not Inspectable");
        return (Inspectable) store();
    }

    @Test
    void a_record_is_found_as_it_is_in_each_state() throws Exception {
        Inspectable store = inspectable();
        for (State state : State.values()) {
            Made made = made(state);
            RecordInfo info = store.find(made.key())
                    .orElseGet(() -> fail("a record that is " + state + ": expected to be found"));
            assertEquals(made.key(), info.key(), "the key of a record that is found");
            assertEquals(state, info.state(), "the state of a record that is found");
            assertEquals(2, info.epoch(), "the epoch of a record that is " + state);
            assertEquals(FINGERPRINT, info.fingerprint(), "the fingerprint of a record that is " + state);
            assertEquals(made.bytes().length(), info.bytes(), "the bytes of a record that is " + state);
            if (state == State.RUNNING) {
                assertLeft("the lease of a running record", LEASE, info.lease());
            } else {
                assertEquals(Duration.ZERO, info.lease(), "the lease of a record that is " + state);
            }
            assertLeft("the retention of a record that is " + state, RETENTION, info.retention());
            assertUnchanged("when it was found", made);
        }
    }

    @Test
    void no_record_is_found_where_there_is_none_or_its_retention_is_over() throws Exception {
        Inspectable store = inspectable();
        RecordKey key = key();
        assertEquals(Optional.empty(), store.find(key), "a key without a record");
        over(key);
        assertEquals(Optional.empty(), store.find(key), "a record whose retention is over");
    }

    private Ticket over(RecordKey key) throws InterruptedException {
        Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
        assertTrue(store().complete(ticket, NOTHING, SHORT), "completion by the owner: expected true");
        pass(SHORT);
        return ticket;
    }

    @Test
    void what_is_expired_is_forgotten_whatever_its_state_and_its_owner_cannot_go_on() throws Exception {
        Inspectable store = inspectable();
        assertFalse(store.expire(key()), "expire without a record: expected false");
        for (State state : State.values()) {
            Made made = made(state);
            assertTrue(store.expire(made.key()), () -> "expire of a record that is " + state + ": expected true");
            assertFalse(store.expire(made.key()), () -> "expire once more: expected false");
            assertEquals(Optional.empty(), store.find(made.key()), "a record that was expired");
            assertFalse(
                    store().complete(made.ticket(), NOTHING, RETENTION),
                    () -> "completion of what was " + state + " and is expired: expected false");
            assertFalse(
                    store().renew(made.ticket(), LEASE, NOTHING),
                    () -> "renewal of what was " + state + " and is expired: expected false");
            long owner = owner();
            Claim claim = store().claim(made.key(), ANOTHER, terms(owner));
            Ticket ticket = granted("what was " + state + " and is expired", claim);
            granted("what is expired", ticket, "", claim);
            assertEquals(owner, ticket.owner(), "the owner of what was expired and claimed");
            assertFalse(
                    store().complete(made.ticket(), NOTHING, RETENTION),
                    "completion by the owner of what was expired, when another has claimed it: expected false");
        }
    }

    @Test
    void records_are_counted_by_their_state_and_not_when_they_are_over() throws Exception {
        Inspectable store = inspectable();
        pass(SHORT);
        Map<State, Long> before = counted(store);
        Map<State, Long> expected = new EnumMap<>(before);
        int count = 1;
        for (State state : State.values()) {
            for (int i = 0; i < count; i++) {
                made(state);
            }
            expected.merge(state, (long) count, Long::sum);
            count++;
        }
        over(key());
        assertEquals(expected, counted(store), "the records that there were before, and 1, 2, 3 and 4 more");
    }

    private static Map<State, Long> counted(Inspectable store) {
        Map<State, Long> counted = new EnumMap<>(State.class);
        Map<State, Long> count = store.count();
        for (State state : State.values()) {
            counted.put(state, count.getOrDefault(state, 0L));
        }
        return counted;
    }

    // to be purged

    private Purgeable purgeable() {
        assumeTrue(store() instanceof Purgeable, "the store is not Purgeable");
        return (Purgeable) store();
    }

    private static int purgeAll(Purgeable store) {
        int sum = 0;
        for (; ; ) {
            int dropped = store.purge(10);
            assertTrue(dropped <= 10, () -> "purge(10): expected no more than 10, but was " + dropped);
            sum += dropped;
            if (dropped < 10) {
                return sum;
            }
        }
    }

    @Test
    void a_purge_drops_what_is_over_no_more_than_it_may_and_fewer_only_where_none_is_left() throws Exception {
        Purgeable store = purgeable();
        pass(SHORT);
        purgeAll(store);
        List<Ticket> tickets = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            RecordKey key = key();
            ClaimTerms brief = new ClaimTerms(owner(), SHORT, SHORT, Optional.empty());
            tickets.add(granted("a key without a record", store().claim(key, FINGERPRINT, brief)));
            switch (i % 3) {
                case 0 -> store().complete(tickets.get(i), NOTHING, SHORT);
                case 1 -> store().release(tickets.get(i));
                default -> {}
            }
        }
        pass(SHORT);
        assertEquals(10, store.purge(10), "purge(10) of 25 records that are over");
        assertEquals(15, store.purge(100), "purge(100) of 15 records that are over");
        assertEquals(0, store.purge(100), "purge(100) where no record is over");
        for (Ticket ticket : tickets) {
            assertFalse(store().complete(ticket, NOTHING, RETENTION), "completion of what was purged: expected false");
            assertEquals(
                    1,
                    granted("what was purged", store().claim(ticket.key(), ANOTHER, terms()))
                            .epoch(),
                    "the epoch of what was purged");
        }
    }

    @Test
    void a_purge_leaves_what_is_not_over_in_each_state() throws Exception {
        Purgeable store = purgeable();
        List<Made> all = new ArrayList<>();
        for (State state : State.values()) {
            all.add(made(state));
        }
        pass(SHORT);
        purgeAll(store);
        for (Made made : all) {
            assertUnchanged("after a purge", made);
        }
    }

    @Test
    void a_purge_leaves_what_is_claimed_anew_at_the_same_time() throws Exception {
        Purgeable store = purgeable();
        for (int batch = 0; batch < 5; batch++) {
            List<RecordKey> keys = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                RecordKey key = key();
                Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
                store().complete(ticket, NOTHING, SHORT);
                keys.add(key);
            }
            pass(SHORT);
            race(2, 1, (round, thread) -> {
                if (thread == 0) {
                    while (store.purge(3) == 3) {
                        LockSupport.parkNanos(1000);
                    }
                } else {
                    keys.forEach(
                            key -> granted("what is over, while it is purged", store(1).claim(key, ANOTHER, terms())));
                }
                return true;
            });
            for (RecordKey key : keys) {
                running(
                        "a claim of what was claimed while it was purged",
                        ANOTHER,
                        LEASE,
                        store().claim(key, FINGERPRINT, terms()));
            }
        }
    }

    // to take part in a transaction

    private Transactional transactional() {
        assumeTrue(store() instanceof Transactional, "the store is not Transactional");
        return (Transactional) store();
    }

    private Connection begin() throws Exception {
        Connection connection = connect();
        connection.setAutoCommit(false);
        return connection;
    }

    @Test
    void a_connection_that_commits_by_itself_is_refused() throws Exception {
        Transactional store = transactional();
        try (Connection connection = connect()) {
            connection.setAutoCommit(true);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> store.within(connection),
                    "within a connection in auto-commit mode: expected an IllegalArgumentException");
        }
    }

    @Test
    void what_is_claimed_and_completed_in_a_transaction_is_there_when_it_commits() throws Exception {
        Transactional store = transactional();
        RecordKey key = key();
        try (Connection connection = begin()) {
            IdempotencyStore within = store.within(connection);
            Ticket ticket = granted("a key without a record", within.claim(key, FINGERPRINT, terms()));
            assertEquals(1, ticket.epoch(), "the epoch of a key without a record");
            running("a claim in the same transaction", FINGERPRINT, LEASE, within.claim(key, ANOTHER, terms()));
            assertTrue(within.complete(ticket, buffer("both"), RETENTION), "completion by the owner: expected true");
            done("a claim in the same transaction", FINGERPRINT, "both", within.claim(key, ANOTHER, terms()));
            connection.commit();
        }
        done("a claim after the commit", FINGERPRINT, "both", store().claim(key, ANOTHER, terms()));
    }

    @Test
    void what_is_claimed_and_completed_in_a_transaction_never_was_when_it_rolls_back() throws Exception {
        Transactional store = transactional();
        RecordKey key = key();
        try (Connection connection = begin()) {
            IdempotencyStore within = store.within(connection);
            Ticket ticket = granted("a key without a record", within.claim(key, FINGERPRINT, terms()));
            within.renew(ticket, LEASE, buffer("progress"));
            within.complete(ticket, buffer("never"), RETENTION);
            connection.rollback();
        }
        long owner = owner();
        granted(
                "a key whose transaction was rolled back",
                new Ticket(key, owner, 1),
                "",
                store().claim(key, ANOTHER, terms(owner)));
    }

    @Test
    void what_a_transaction_does_to_a_record_that_there_was_is_undone_when_it_rolls_back() throws Exception {
        Transactional store = transactional();
        for (State state : List.of(State.RUNNING, State.ABANDONED)) {
            Made made = made(state);
            for (Call call : Call.values()) {
                try (Connection connection = begin()) {
                    assertTrue(
                            call.on(store.within(connection), made),
                            () -> call + " in a transaction, of a record that is " + state + ": expected true");
                    connection.rollback();
                }
                assertUnchanged("when a transaction with its " + call + " was rolled back", made);
            }
        }
    }

    private enum Call {
        COMPLETION,
        RENEWAL,
        RELEASE;

        boolean on(IdempotencyStore store, Made made) {
            return switch (this) {
                case COMPLETION -> store.complete(made.ticket(), buffer("undone"), RETENTION);
                case RENEWAL -> store.renew(made.ticket(), LEASE.multipliedBy(2), buffer("undone"));
                case RELEASE -> store.release(made.ticket());
            };
        }
    }

    @Test
    void each_state_is_the_same_in_a_transaction() throws Exception {
        Transactional store = transactional();
        for (State state : State.values()) {
            Made made = made(state);
            try (Connection connection = begin()) {
                Claim claim = store.within(connection).claim(made.key(), ANOTHER, terms());
                String what = "a claim in a transaction, of a record that is " + state;
                switch (state) {
                    case RUNNING -> running(what, FINGERPRINT, LEASE, claim);
                    case ABANDONED -> assertEquals(new Claim.Abandoned(FINGERPRINT, made.ticket()), claim, what);
                    case DONE -> done(what, FINGERPRINT, made.bytes(), claim);
                    case RELEASED -> assertEquals(3, granted(what, claim).epoch(), what + ": the epoch");
                }
                connection.rollback();
            }
        }
    }

    @Test
    void closing_the_store_of_a_transaction_leaves_the_transaction_as_it_is() throws Exception {
        Transactional store = transactional();
        RecordKey key = key();
        try (Connection connection = begin()) {
            try (IdempotencyStore within = store.within(connection)) {
                within.claim(key, FINGERPRINT, terms());
            }
            assertFalse(connection.isClosed(), "the connection is closed, after the store of its transaction was");
            assertFalse(connection.getAutoCommit(), "the connection commits by itself");
            connection.rollback();
        }
        assertEquals(
                1,
                granted("what was claimed in it, when it was rolled back", store().claim(key, ANOTHER, terms()))
                        .epoch(),
                "the epoch of a key without a record");
    }

    @Test
    void of_two_transactions_that_claim_one_key_the_second_does_not_do_what_the_first_has_done() throws Exception {
        Transactional store = transactional();
        for (boolean commits : List.of(true, false)) {
            RecordKey key = key();
            CountDownLatch claimed = new CountDownLatch(1);
            List<Callable<Claim>> tasks = List.of(
                    () -> {
                        try (Connection connection = begin()) {
                            IdempotencyStore within = store.within(connection);
                            Claim claim = within.claim(key, FINGERPRINT, terms());
                            claimed.countDown();
                            Thread.sleep(100); // the second one comes, and waits or not
                            within.complete(granted("a key without a record", claim), buffer("first"), RETENTION);
                            if (commits) {
                                connection.commit();
                            } else {
                                connection.rollback();
                            }
                            return claim;
                        } finally {
                            claimed.countDown();
                        }
                    },
                    () -> {
                        claimed.await();
                        return insisting(store, key);
                    });
            Claim second = together(tasks).get(1);
            if (commits) {
                done("the second transaction, when the first commits", FINGERPRINT, "first", second);
            } else {
                assertEquals(
                        1,
                        granted("the second transaction, when the first rolls back", second)
                                .epoch(),
                        "the epoch of a key without a record");
            }
        }
    }

    /** A database may refuse a transaction that another is in the way of; it is then begun anew. */
    private Claim insisting(Transactional store, RecordKey key) throws Exception {
        RuntimeException refused = new IllegalStateException("never asked");
        for (int i = 0; i < 100; i++) {
            try (Connection connection = begin()) {
                try {
                    Claim claim = store.within(connection).claim(key, ANOTHER, terms());
                    if (!(claim instanceof Claim.Running)) {
                        connection.commit();
                        return claim;
                    }
                } catch (RuntimeException e) {
                    refused = e;
                }
                connection.rollback();
            }
            Thread.sleep(20);
        }
        throw refused;
    }
}
