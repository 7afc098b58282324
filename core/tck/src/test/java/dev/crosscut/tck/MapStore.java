package dev.crosscut.tck;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Rows in a map, which do all that a store can: as it should be, or with one fault. Its transactions are one after the other,
 * and whoever takes part in none does not wait for them.
 */
final class MapStore
        implements IdempotencyStore,
                IdempotencyStore.Purgeable,
                IdempotencyStore.Inspectable,
                IdempotencyStore.Transactional {

    /** What is wrong with a store, the test that says so, and what it says. */
    enum Fault {
        NONE("", ""),

        COMPARES_NO_EPOCH(
                "a_ticket_of_another_epoch_changes_nothing_in_any_state", "completion of a record that is RUN"),
        COMPARES_NO_OWNER(
                "a_ticket_of_another_owner_changes_nothing_in_any_state", "completion of a record that is RUN"),
        LETS_ZOMBIES_IN(
                "an_owner_whose_record_was_taken_over_changes_nothing", "completion by an owner whose record was t"),
        MAKES_RECORDS("a_ticket_for_a_key_without_a_record_makes_none", "completion without a record: expected false"),
        OVERWRITES_WHAT_IS_DONE(
                "a_completion_that_is_repeated_says_true_and_changes_nothing", "expected Done, but was Granted"),
        COMPLETES_ONCE_ONLY(
                "a_completion_that_is_repeated_because_its_reply_was_lost_says_true",
                "completion, lost: REPLY: expected true"),
        RELEASES_WHAT_IS_DONE(
                "a_done_record_is_neither_released_nor_renewed", "release of a done record by its owner: expec"),
        RELEASES_TWICE(
                "a_released_record_is_neither_completed_nor_renewed_nor_released_again",
                "release of a released record by its owner: expected false"),
        REFUSES_WHO_IS_LATE(
                "an_owner_that_is_late_completes_renews_or_releases_as_long_as_nobody_took_over",
                "completion after the end of the lease, when nobody took over: expected true"),

        DELETES_WHAT_IS_RELEASED(
                "each_grant_has_the_epoch_after_that_of_the_grant_before",
                "the epoch, with each release and each take-over ==> expected: <2> but was: <1>"),
        TAKES_OVER_EARLY("a_take_over_before_the_lease_is_over_is_refused", "expected Running, but was Granted"),
        TAKES_OVER_FROM_ANYBODY(
                "a_take_over_with_any_other_ticket_is_refused", "as abandoned ==> expected: <Abandoned"),
        TAKES_OVER_BY_ANOTHER_KEY(
                "a_take_over_with_any_other_ticket_is_refused", "as abandoned ==> expected: <Abandoned"),
        TAKES_OVER_UNASKED(
                "a_record_in_any_state_is_what_a_claim_says_however_often_it_is_claimed",
                "another owner claims the abandoned record ==> expected: <Abandoned"),
        REPLACES_FINGERPRINTS(
                "a_claim_never_replaces_the_fingerprint_of_a_record_that_another_owner_has",
                "the fingerprint of a record that is RUNNING is the one that its owner claimed with"),
        KEEPS_FINGERPRINTS(
                "a_take_over_keeps_the_progress_and_makes_the_record_another_owners",
                "a claim after a take-over: the fingerprint is the one that the owner claimed with"),
        LOSES_PROGRESS(
                "a_take_over_keeps_the_progress_and_makes_the_record_another_owners",
                "the progress that was kept ==> expected: <progress> but was: <>"),
        KEEPS_WHAT_WAS_RELEASED(
                "a_released_record_is_granted_to_anybody_with_the_next_epoch_a_new_fingerprint_and_no_progress",
                "the progress that was kept ==> expected: <> but was: <progress>"),
        GRANTS_THE_SAME_OWNER_ANEW(
                "a_claim_that_is_repeated_because_its_reply_was_lost_is_granted_with_the_same_ticket",
                "claim, lost: REPLY: the ticket"),
        KNOWS_NO_OWNER_AGAIN(
                "a_claim_that_is_repeated_because_its_reply_was_lost_is_granted_with_the_same_ticket",
                "claim of claim, lost: REPLY: expected Granted, but was Running"),
        READS_BEFORE_IT_LOCKS(
                "of_many_claims_of_one_key_exactly_one_is_granted_and_all_others_see_its_fingerprint",
                "at once: how many are granted"),
        TAKES_OVER_WHAT_IT_HAS_READ(
                "of_a_completion_and_a_take_over_exactly_one_wins", "expected Done, but was Granted"),

        IGNORES_RETENTION("what_is_done_is_granted_anew_when_its_retention_is_over", "expected Granted, but was Done"),
        RETAINS_AS_CLAIMED("a_completion_begins_the_retention_anew", "what is left of the retention: expected PT24H"),
        RENEWS_THE_LEASE_ALONE(
                "a_renewal_keeps_the_record_as_long_as_its_lease_at_least", "expected Running, but was Gran"),
        RENEWS_THE_RETENTION_TOO(
                "a_renewal_never_shortens_the_retention", "whose retention is not ==> expected: <Abando"),
        KEEPS_THE_LONGER_LEASE(
                "a_renewal_begins_the_lease_anew_be_it_longer_or_shorter_than_what_was_left",
                "what is left of the lease: expected PT1H or little less, but was PT"),
        TAKES_NO_TIME_FOR_A_SECOND(
                "a_renewal_for_no_time_gives_the_record_up_at_once_with_its_progress",
                "claim of a record that was renewed for no time ==> expected: <Abandoned"),
        ADDS_TO_PROGRESS(
                "a_renewal_puts_its_progress_in_place_of_what_was_kept", "expected: <> but was: <longer than that>"),
        COUNTS_IN_INTS("a_century_is_counted_like_a_second", "the lease is a century: "),

        CUTS_AT_64_KIB("an_outcome_comes_back_byte_for_byte_from_none_to_a_mebibyte", "how many bytes there are"),
        CUTS_KEYS("keys_that_differ_in_one_bit_are_different", "expected Granted, but was Done"),
        CUTS_OWNERS("owners_and_fingerprints_of_any_bits_come_back", "the ticket ==> expected: <Ticket"),
        TAKES_THE_WHOLE_BUFFER(
                "bytes_are_taken_from_where_a_buffer_is_to_where_it_ends_whatever_buffer_it_is",
                "how many bytes there are ==> expected: <80> but was: <100>"),
        COPIES_NOTHING(
                "what_is_kept_changes_neither_with_the_array_that_it_came_from_nor_by_being_read",
                "expected: <progress> but was: <!!!!!!!!>"),
        HANDS_OUT_ITS_BUFFER(
                "what_is_kept_changes_neither_with_the_array_that_it_came_from_nor_by_being_read",
                "it was read 1 times ==> expected: <outcome> but was: <>"),

        FINDS_WHAT_IS_OVER(
                "no_record_is_found_where_there_is_none_or_its_retention_is_over", "a record whose retention is ov"),
        CALLS_ABANDONED_RUNNING("a_record_is_found_as_it_is_in_each_state", "expected: <ABANDONED> but was: <RUNNING>"),
        EXPIRES_LATER(
                "what_is_expired_is_forgotten_whatever_its_state_and_its_owner_cannot_go_on",
                "expire once more: expected false"),
        COUNTS_WHAT_IS_OVER("records_are_counted_by_their_state_and_not_when_they_are_over", "and 1, 2, 3 and 4 more"),
        PURGES_ALL("a_purge_leaves_what_is_not_over_in_each_state", "after a purge, "),
        PURGES_TOO_MANY(
                "a_purge_drops_what_is_over_no_more_than_it_may_and_fewer_only_where_none_is_left",
                "purge(10) of 25 records that are over ==> expected: <10> but was: <25>"),
        PURGES_WHAT_IT_HAS_READ(
                "a_purge_leaves_what_is_claimed_anew_at_the_same_time", "expected Running, but was Granted"),

        COMMITS_AT_ONCE(
                "what_is_claimed_and_completed_in_a_transaction_never_was_when_it_rolls_back",
                "expected Granted, but was Done"),
        TAKES_ANY_CONNECTION("a_connection_that_commits_by_itself_is_refused", "expected an IllegalArgumentException"),
        CLOSES_CONNECTIONS(
                "closing_the_store_of_a_transaction_leaves_the_transaction_as_it_is",
                "the connection is closed, after the store of its transaction was"),
        WAITS_FOR_NO_TRANSACTION(
                "of_two_transactions_that_claim_one_key_the_second_does_not_do_what_the_first_has_done",
                "expected Done, but was Granted");

        final String test;
        final String complaint;

        Fault(String test, String complaint) {
            this.test = test;
            this.complaint = complaint;
        }
    }

    private record Row(
            State state,
            long owner,
            int epoch,
            Fingerprint fingerprint,
            long leasedUntil,
            long retainedUntil,
            ByteBuffer bytes) {

        Row in(State other, ByteBuffer content) {
            return new Row(other, owner, epoch, fingerprint, leasedUntil, retainedUntil, content);
        }

        Row until(long lease, long retention) {
            return new Row(state, owner, epoch, fingerprint, lease, retention, bytes);
        }

        Row as(Fingerprint other) {
            return new Row(state, owner, epoch, other, leasedUntil, retainedUntil, bytes);
        }
    }

    private final Fault fault;
    private final Map<RecordKey, Row> rows;
    private final Object lock = new Object();
    private final Semaphore transaction = new Semaphore(1);

    MapStore(Fault fault) {
        this(fault, new HashMap<>());
    }

    private MapStore(Fault fault, Map<RecordKey, Row> rows) {
        this.fault = fault;
        this.rows = rows;
    }

    private boolean is(Fault other) {
        return fault == other;
    }

    // time, in milliseconds

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    private long after(Duration duration) {
        return now() + (is(Fault.COUNTS_IN_INTS) ? (int) duration.toMillis() : duration.toMillis());
    }

    private boolean leaseIsOver(Row row) {
        return row.leasedUntil <= now();
    }

    private boolean isOver(Row row) {
        return row.retainedUntil <= now() && !is(Fault.IGNORES_RETENTION);
    }

    private static Duration until(long then) {
        return Duration.ofMillis(Math.max(0, then - now()));
    }

    private static void sleep() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // bytes

    private ByteBuffer kept(ByteBuffer bytes) {
        if (is(Fault.COPIES_NOTHING)) {
            return bytes;
        }
        if (is(Fault.TAKES_THE_WHOLE_BUFFER)) {
            bytes.clear();
        }
        byte[] copy = new byte[is(Fault.CUTS_AT_64_KIB) ? Math.min(65_536, bytes.remaining()) : bytes.remaining()];
        bytes.get(copy);
        return ByteBuffer.wrap(copy);
    }

    private ByteBuffer read(ByteBuffer bytes) {
        return is(Fault.HANDS_OUT_ITS_BUFFER) ? bytes : bytes.asReadOnlyBuffer();
    }

    private RecordKey kept(RecordKey key) {
        return is(Fault.CUTS_KEYS) ? RecordKey.ofBytes(Arrays.copyOf(Arrays.copyOf(key.bytes(), 31), 32)) : key;
    }

    private Ticket ticket(RecordKey key, Row row) {
        return new Ticket(key, is(Fault.CUTS_OWNERS) ? (int) row.owner : row.owner, row.epoch);
    }

    // claims

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        if (is(Fault.READS_BEFORE_IT_LOCKS)) {
            Row row;
            synchronized (lock) {
                row = rows.get(key);
            }
            sleep();
            synchronized (lock) {
                return claim(key, row, fingerprint, terms);
            }
        }
        if (is(Fault.TAKES_OVER_WHAT_IT_HAS_READ) && terms.abandoned().isPresent()) {
            Row row;
            synchronized (lock) {
                row = rows.get(key);
            }
            sleep();
            synchronized (lock) {
                return claim(key, row, fingerprint, terms);
            }
        }
        synchronized (lock) {
            return claim(key, rows.get(kept(key)), fingerprint, terms);
        }
    }

    private Claim claim(RecordKey key, Row row, Fingerprint fingerprint, ClaimTerms terms) {
        if (row == null || isOver(row)) {
            return grant(key, row, fingerprint, terms, ByteBuffer.allocate(0));
        }
        return switch (row.state) {
            case DONE -> {
                found(key, row, fingerprint);
                yield new Claim.Done(row.fingerprint, read(row.bytes), until(row.retainedUntil));
            }
            case RELEASED ->
                grant(
                        key,
                        row,
                        fingerprint,
                        terms,
                        is(Fault.KEEPS_WHAT_WAS_RELEASED) ? row.bytes : ByteBuffer.allocate(0));
            default -> claimRunning(key, row, fingerprint, terms);
        };
    }

    private Claim claimRunning(RecordKey key, Row row, Fingerprint fingerprint, ClaimTerms terms) {
        if (row.owner == terms.owner() && !is(Fault.KNOWS_NO_OWNER_AGAIN)) {
            return is(Fault.GRANTS_THE_SAME_OWNER_ANEW)
                    ? grant(key, row, fingerprint, terms, row.bytes)
                    : new Claim.Granted(ticket(key, row), read(row.bytes));
        }
        boolean named = terms.abandoned().filter(ticket(key, row)::equals).isPresent()
                || (is(Fault.TAKES_OVER_FROM_ANYBODY) && terms.abandoned().isPresent())
                || (is(Fault.TAKES_OVER_BY_ANOTHER_KEY)
                        && terms.abandoned()
                                .filter(ticket -> ticket.owner() == row.owner && ticket.epoch() == row.epoch)
                                .isPresent())
                || is(Fault.TAKES_OVER_UNASKED);
        boolean over = leaseIsOver(row)
                || (is(Fault.TAKES_OVER_EARLY) && terms.abandoned().isPresent());
        if (over && named) {
            Fingerprint next = is(Fault.KEEPS_FINGERPRINTS) ? row.fingerprint : fingerprint;
            return grant(key, row, next, terms, is(Fault.LOSES_PROGRESS) ? ByteBuffer.allocate(0) : row.bytes);
        }
        found(key, row, fingerprint);
        return leaseIsOver(row)
                ? new Claim.Abandoned(row.fingerprint, ticket(key, row))
                : new Claim.Running(row.fingerprint, until(row.leasedUntil));
    }

    private void found(RecordKey key, Row row, Fingerprint fingerprint) {
        if (is(Fault.REPLACES_FINGERPRINTS)) {
            rows.put(key, row.as(fingerprint));
        }
    }

    private Claim grant(RecordKey key, Row before, Fingerprint fingerprint, ClaimTerms terms, ByteBuffer progress) {
        Row row = new Row(
                State.RUNNING,
                terms.owner(),
                before == null ? 1 : before.epoch + 1,
                fingerprint,
                after(terms.lease()),
                after(terms.retention()),
                progress);
        rows.put(kept(key), row);
        return new Claim.Granted(ticket(key, row), read(row.bytes));
    }

    // owners

    /** The row of a ticket; null where it has none. */
    private Row own(Ticket ticket) {
        Row row = rows.get(kept(ticket.key()));
        if (row == null || (is(Fault.REFUSES_WHO_IS_LATE) && row.state == State.RUNNING && leaseIsOver(row))) {
            return null;
        }
        boolean zombie = is(Fault.LETS_ZOMBIES_IN) && ticket.epoch() == row.epoch - 1 && row.owner != ticket.owner();
        boolean owner = ticket(ticket.key(), row).owner() == ticket.owner() || is(Fault.COMPARES_NO_OWNER);
        boolean epoch = row.epoch == ticket.epoch() || is(Fault.COMPARES_NO_EPOCH);
        return (owner && epoch) || zombie ? row : null;
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        synchronized (lock) {
            Row row = own(ticket);
            if (row == null && is(Fault.MAKES_RECORDS) && !rows.containsKey(ticket.key())) {
                row = new Row(State.RUNNING, ticket.owner(), ticket.epoch(), Fingerprint.NONE, 0, 0, outcome);
            }
            if (row == null || row.state == State.RELEASED) {
                return false;
            }
            if (row.state == State.DONE && !is(Fault.OVERWRITES_WHAT_IS_DONE)) {
                return !is(Fault.COMPLETES_ONCE_ONLY);
            }
            long retained = is(Fault.RETAINS_AS_CLAIMED) ? row.retainedUntil : after(retention);
            rows.put(kept(ticket.key()), row.in(State.DONE, kept(outcome)).until(0, retained));
            return true;
        }
    }

    @Override
    public boolean release(Ticket ticket) {
        synchronized (lock) {
            Row row = own(ticket);
            if (row == null
                    || (row.state == State.DONE && !is(Fault.RELEASES_WHAT_IS_DONE))
                    || (row.state == State.RELEASED && !is(Fault.RELEASES_TWICE))) {
                return false;
            }
            if (is(Fault.DELETES_WHAT_IS_RELEASED)) {
                rows.remove(ticket.key());
            } else {
                ByteBuffer left = is(Fault.KEEPS_WHAT_WAS_RELEASED) ? row.bytes : ByteBuffer.allocate(0);
                rows.put(kept(ticket.key()), row.in(State.RELEASED, left));
            }
            return true;
        }
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        synchronized (lock) {
            Row row = own(ticket);
            if (row == null || row.state != State.RUNNING) {
                return false;
            }
            long leased = after(is(Fault.TAKES_NO_TIME_FOR_A_SECOND) && lease.isZero() ? Duration.ofSeconds(1) : lease);
            if (is(Fault.KEEPS_THE_LONGER_LEASE)) {
                leased = Math.max(leased, row.leasedUntil);
            }
            long retained = Math.max(leased, row.retainedUntil);
            if (is(Fault.RENEWS_THE_LEASE_ALONE)) {
                retained = row.retainedUntil;
            } else if (is(Fault.RENEWS_THE_RETENTION_TOO)) {
                retained = leased;
            }
            ByteBuffer kept = is(Fault.ADDS_TO_PROGRESS) && !progress.hasRemaining() ? row.bytes : kept(progress);
            rows.put(kept(ticket.key()), row.in(State.RUNNING, kept).until(leased, retained));
            return true;
        }
    }

    // people

    @Override
    public Optional<RecordInfo> find(RecordKey key) {
        synchronized (lock) {
            return Optional.ofNullable(rows.get(key))
                    .filter(row -> !isOver(row) || is(Fault.FINDS_WHAT_IS_OVER))
                    .map(row -> new RecordInfo(
                            key,
                            stateOf(row),
                            row.epoch,
                            row.fingerprint,
                            stateOf(row) == State.RUNNING ? until(row.leasedUntil) : Duration.ZERO,
                            until(row.retainedUntil),
                            row.bytes.remaining()));
        }
    }

    private State stateOf(Row row) {
        return row.state == State.RUNNING && leaseIsOver(row) && !is(Fault.CALLS_ABANDONED_RUNNING)
                ? State.ABANDONED
                : row.state;
    }

    @Override
    public boolean expire(RecordKey key) {
        synchronized (lock) {
            if (is(Fault.EXPIRES_LATER)) {
                return rows.containsKey(key);
            }
            return rows.remove(key) != null;
        }
    }

    @Override
    public Map<State, Long> count() {
        synchronized (lock) {
            Map<State, Long> count = new EnumMap<>(State.class);
            rows.values().stream()
                    .filter(row -> !isOver(row) || is(Fault.COUNTS_WHAT_IS_OVER))
                    .forEach(row -> count.merge(stateOf(row), 1L, Long::sum));
            return count;
        }
    }

    @Override
    public int purge(int max) {
        List<RecordKey> over;
        synchronized (lock) {
            over = rows.entrySet().stream()
                    .filter(each -> isOver(each.getValue()) || is(Fault.PURGES_ALL))
                    .limit(is(Fault.PURGES_TOO_MANY) ? Integer.MAX_VALUE : max)
                    .map(Map.Entry::getKey)
                    .toList();
            if (!is(Fault.PURGES_WHAT_IT_HAS_READ)) {
                over.forEach(rows::remove);
            }
        }
        if (is(Fault.PURGES_WHAT_IT_HAS_READ)) {
            sleep();
            synchronized (lock) {
                over.forEach(rows::remove);
            }
        }
        return over.size();
    }

    // transactions

    /** What a rollback brings back, by the connections that have changed something and are neither committed nor rolled back. */
    private final Map<Connection, Map<RecordKey, Row>> begun = new ConcurrentHashMap<>();

    Connection connect() {
        boolean[] autoCommit = {true};
        boolean[] closed = {false};
        return (Connection) Proxy.newProxyInstance(
                MapStore.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    Connection self = (Connection) proxy;
                    switch (method.getName()) {
                        case "hashCode" -> {
                            return System.identityHashCode(proxy);
                        }
                        case "equals" -> {
                            return System.identityHashCode(proxy) == System.identityHashCode(arguments[0]);
                        }
                        case "setAutoCommit" -> autoCommit[0] = (boolean) arguments[0];
                        case "getAutoCommit" -> {
                            return autoCommit[0];
                        }
                        case "isClosed" -> {
                            return closed[0];
                        }
                        case "commit" -> end(self, false);
                        case "rollback" -> end(self, true);
                        case "close" -> {
                            end(self, true);
                            closed[0] = true;
                        }
                        default -> throw new UnsupportedOperationException(method.toString());
                    }
                    return null;
                });
    }

    private void end(Connection connection, boolean undo) {
        Map<RecordKey, Row> before = begun.remove(connection);
        if (before != null) {
            if (undo) {
                synchronized (lock) {
                    rows.clear();
                    rows.putAll(before);
                }
            }
            transaction.release();
        }
    }

    @Override
    public IdempotencyStore within(Connection connection) {
        try {
            if (connection.getAutoCommit() && !is(Fault.TAKES_ANY_CONNECTION)) {
                throw new IllegalArgumentException("the connection is in auto-commit mode");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return is(Fault.COMMITS_AT_ONCE) ? this : new Within(connection);
    }

    private final class Within implements IdempotencyStore {

        private final Connection connection;
        private IdempotencyStore store = MapStore.this;

        Within(Connection connection) {
            this.connection = connection;
        }

        private IdempotencyStore joined() {
            if (!begun.containsKey(connection)) {
                if (is(Fault.WAITS_FOR_NO_TRANSACTION) && !transaction.tryAcquire()) {
                    // as if the other transaction had done nothing, for the snapshot is from before it
                    store = new MapStore(Fault.NONE, new HashMap<>());
                    return store;
                } else if (!is(Fault.WAITS_FOR_NO_TRANSACTION)) {
                    transaction.acquireUninterruptibly();
                }
                synchronized (lock) {
                    begun.put(connection, new HashMap<>(rows));
                }
            }
            return store;
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            return joined().claim(key, fingerprint, terms);
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            return joined().complete(ticket, outcome, retention);
        }

        @Override
        public boolean release(Ticket ticket) {
            return joined().release(ticket);
        }

        @Override
        public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
            return joined().renew(ticket, lease, progress);
        }

        @Override
        public void close() {
            if (is(Fault.CLOSES_CONNECTIONS)) {
                try {
                    connection.close();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
