package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What the parts of {@link IdempotencyStoreContract} share: the store, keys and owners that nobody has, and what is expected. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class StoreFixture {

    /** Longer than a test takes. */
    static final Duration LEASE = Duration.ofHours(1);

    static final Duration RETENTION = Duration.ofDays(1);

    /** What a test waits for, and never acts within. */
    static final Duration SHORT = Duration.ofMillis(20);

    static final Fingerprint FINGERPRINT = Fingerprint.of(bytes("what the owner was asked"));
    static final Fingerprint ANOTHER = Fingerprint.of(bytes("what another one was asked"));
    static final ByteBuffer NOTHING = buffer("");

    private static final AtomicLong OWNERS = new AtomicLong(UUID.randomUUID().getMostSignificantBits());

    private @Nullable IdempotencyStore opened;
    private @Nullable IdempotencyStore shared;

    /**
     * Opens the store under test, once for all tests. They use keys that no other run uses, so the store need not be empty;
     * but nobody else purges it meanwhile.
     *
     * @return the store; it is closed after the last test
     * @throws Exception if it cannot be opened
     */
    protected abstract IdempotencyStore open() throws Exception;

    /**
     * Opens a second store on the same records, as another process would. Half of the threads that race use it.
     *
     * @param first what {@link #open()} returned
     * @return a second store, closed after the last test; the first itself, unless overridden
     * @throws Exception if it cannot be opened
     */
    protected IdempotencyStore share(IdempotencyStore first) throws Exception {
        return first;
    }

    /**
     * Lets time pass on the clock of the store. Sleeps, unless overridden.
     *
     * @param time how much, at least
     * @throws InterruptedException if the thread is interrupted
     */
    protected void pass(Duration time) throws InterruptedException {
        Thread.sleep(time.plusMillis(10).toMillis());
    }

    /**
     * How many threads race for a key.
     *
     * @return 32, unless overridden
     */
    protected int threads() {
        return 32;
    }

    /**
     * A connection to the database of a store that is {@link IdempotencyStore.Transactional}; must be overridden for one.
     *
     * @return a new connection, in auto-commit mode, which the contract closes
     * @throws SQLException if there is none
     */
    protected Connection connect() throws SQLException {
        return fail("the store is Transactional; override connect(), so that the contract can test that");
    }

    /**
     * Opens the store.
     *
     * @throws Exception if it cannot be opened
     */
    @BeforeAll
    public void openStore() throws Exception {
        IdempotencyStore first = open();
        opened = first;
        shared = share(first);
    }

    /** Closes the store. */
    @AfterAll
    @SuppressWarnings("ReferenceEquality") // one store is closed once
    public void closeStore() {
        if (shared != null && shared != opened) {
            shared.close();
        }
        if (opened != null) {
            opened.close();
        }
    }

    IdempotencyStore store() {
        return Objects.requireNonNull(opened, "the store has not been opened");
    }

    /** One store or the other. */
    IdempotencyStore store(int number) {
        return number % 2 == 0 ? store() : Objects.requireNonNull(shared, "the store has not been opened");
    }

    static RecordKey key() {
        return RecordKey.of("contract", List.of(), UUID.randomUUID().toString());
    }

    static long owner() {
        return OWNERS.incrementAndGet();
    }

    static ClaimTerms terms() {
        return terms(owner());
    }

    static ClaimTerms terms(long owner) {
        return new ClaimTerms(owner, LEASE, RETENTION, Optional.empty());
    }

    static ClaimTerms takingOver(Ticket abandoned) {
        return takingOver(owner(), abandoned);
    }

    static ClaimTerms takingOver(long owner, Ticket abandoned) {
        return new ClaimTerms(owner, LEASE, RETENTION, Optional.of(abandoned));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(bytes(text)).asReadOnlyBuffer();
    }

    /** Text as it is, other bytes as digits: for messages. */
    static String text(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        String text = new String(copy, StandardCharsets.UTF_8);
        return text.chars().allMatch(c -> c >= ' ' && c < 127)
                ? text
                : HexFormat.of().formatHex(copy);
    }

    /** A record that a test has made. Its epoch is 2, so that there is an older one. */
    record Made(RecordKey key, Ticket ticket, State state, String bytes) {}

    Made made(State state) throws InterruptedException {
        RecordKey key = key();
        Ticket first = granted("a key without a record", store().claim(key, ANOTHER, terms()));
        assertTrue(store().release(first), "release of a running record by its owner: expected true");
        Duration lease = state == State.ABANDONED ? SHORT : LEASE;
        Ticket ticket = granted(
                "a released record",
                store().claim(key, FINGERPRINT, new ClaimTerms(owner(), lease, RETENTION, Optional.empty())));
        assertEquals(2, ticket.epoch(), "the epoch of a record that is granted for the second time");
        String bytes = "";
        switch (state) {
            case RUNNING, ABANDONED -> {
                bytes = "progress";
                assertTrue(
                        store().renew(ticket, lease, buffer(bytes)),
                        "renewal of a running record by its owner: expected true");
                if (state == State.ABANDONED) {
                    pass(SHORT);
                }
            }
            case DONE -> {
                bytes = "outcome";
                assertTrue(
                        store().complete(ticket, buffer(bytes), RETENTION),
                        "completion of a running record by its owner: expected true");
            }
            case RELEASED ->
                assertTrue(store().release(ticket), "release of a running record by its owner: expected true");
        }
        return new Made(key, ticket, state, bytes);
    }

    /** Looks at a record as claims do. One that is released is granted by that. */
    void assertUnchanged(String after, Made made) {
        Claim claim = store().claim(made.key, ANOTHER, terms());
        switch (made.state) {
            case RUNNING -> {
                running(after + ", another owner claims the running record", FINGERPRINT, LEASE, claim);
                assertOwned(after, made);
            }
            case ABANDONED -> {
                assertEquals(
                        new Claim.Abandoned(FINGERPRINT, made.ticket),
                        claim,
                        after + ", another owner claims the abandoned record");
                assertOwned(after, made);
            }
            case DONE -> done(after + ", another owner claims the done record", FINGERPRINT, made.bytes, claim);
            case RELEASED ->
                assertEquals(
                        made.ticket.epoch() + 1,
                        granted(after + ", the released record", claim).epoch(),
                        after + ", the epoch of the record, which was released, is one more than before");
        }
    }

    private void assertOwned(String after, Made made) {
        granted(
                after + ", the owner claims its record again",
                made.ticket,
                made.bytes,
                store().claim(made.key, FINGERPRINT, terms(made.ticket.owner())));
    }

    static Ticket granted(String what, Claim claim) {
        if (claim instanceof Claim.Granted granted) {
            return granted.ticket();
        }
        return fail("claim of " + what + ": expected Granted, but was " + claim);
    }

    static void granted(String what, Ticket ticket, String progress, Claim claim) {
        assertEquals(ticket, granted(what, claim), what + ": the ticket");
        assertEquals(progress, text(((Claim.Granted) claim).progress()), what + ": the progress that was kept");
    }

    static void running(String what, Fingerprint fingerprint, Duration atMost, Claim claim) {
        if (claim instanceof Claim.Running running) {
            assertEquals(
                    fingerprint,
                    running.fingerprint(),
                    what + ": the fingerprint is the one that the owner claimed with");
            assertLeft(what + ": what is left of the lease", atMost, running.remaining());
        } else {
            fail(what + ": expected Running, but was " + claim);
        }
    }

    static void done(String what, Fingerprint fingerprint, String outcome, Claim claim) {
        if (claim instanceof Claim.Done done) {
            assertEquals(
                    fingerprint, done.fingerprint(), what + ": the fingerprint is the one that the owner claimed with");
            assertEquals(
                    outcome, text(done.outcome()), what + ": the outcome is the one that the owner completed with");
            assertLeft(what + ": what is left of the retention", RETENTION, done.remaining());
        } else {
            fail(what + ": expected Done, but was " + claim);
        }
    }

    /** A test takes less than half an hour. */
    static void assertLeft(String what, Duration atMost, Duration actual) {
        assertTrue(
                actual.compareTo(atMost) <= 0 && actual.compareTo(atMost.minusMinutes(30)) > 0,
                () -> what + ": expected " + atMost + " or little less, but was " + actual);
    }

    /** Runs tasks at once, each on a thread of its own. */
    static <T> List<T> together(List<? extends Callable<T>> tasks) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size(), task -> {
            Thread thread = new Thread(task, "contract-racer");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> each : threads.invokeAll(tasks)) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            // an assertion that failed on the thread, or an exception of the store
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }
}
