package dev.crosscut.idempotency;

import dev.crosscut.idempotency.RecordInfo.State;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All that three owners of one key can do to a store, one call after the other, up to a number of steps.
 *
 * <p><em>Owners.</em> Each may at any time claim, take over from any ticket that anybody was ever granted, and complete, renew
 * or release with any ticket that it was ever granted itself. So neither a crash nor a call that is late needs a state of its
 * own: who has crashed does no more, and what arrives late is what an owner does later. An owner uses one number for all its
 * claims, which is more than the engine does: it takes a new one each time.
 *
 * <p><em>Time</em> passes by the length of a lease, or of a retention.
 *
 * <p><em>Search.</em> Breadth first, so that what is found is the shortest way there. A state is what the record should be, by
 * what the store has said so far ({@link Book}), and the tickets that were granted. A state that was seen is not gone on from
 * again. To come back to a state, what led there is done anew with another key. Owners that have done nothing are alike, so
 * only the first of them begins.
 *
 * <p><em>Checks.</em> After each step, what the store said and what it shows of the record must be what the invariants allow:
 * I1, one live owner; I2, only the last ticket changes anything; I3, what is done stays so for its retention; I4, the
 * fingerprint is that of the owner; I5, what is released is what its owner released. And: the epoch grows with each grant
 * while the record is kept.
 */
final class ClaimProtocolModel {

    static final Duration LEASE = Duration.ofMillis(10);
    static final Duration RETENTION = Duration.ofMillis(25);

    private static final String NAMES = "ABC";
    private static final int OWNERS = NAMES.length();

    private static final List<Fingerprint> FINGERPRINTS = NAMES.chars()
            .mapToObj(name -> Fingerprint.of(new byte[] {(byte) name}))
            .toList();

    /** So that a set of tickets is the bits of a number. */
    private static final int EPOCHS = 64 / OWNERS - 1;

    /** A store, and how its clock is set. */
    record Subject(IdempotencyStore store, AtomicLong nanos) {}

    /** How far the search went, and the shortest way to a fault. */
    record Result(int states, long steps, Optional<List<String>> fault) {}

    /** Somebody's right, as the model writes it: {@code B2} is the second grant, to the second owner. */
    private record Grant(int owner, int epoch) {

        long bit() {
            return 1L << (owner * EPOCHS + epoch - 1);
        }

        Ticket ticket(RecordKey key) {
            return new Ticket(key, owner, epoch);
        }

        static Grant of(Ticket ticket) {
            return new Grant((int) ticket.owner(), ticket.epoch());
        }

        @Override
        public String toString() {
            return "" + NAMES.charAt(owner) + epoch;
        }
    }

    private sealed interface Step {

        record Claims(int owner, Optional<Grant> abandoned) implements Step {
            @Override
            public String toString() {
                return NAMES.charAt(owner)
                        + abandoned.map(grant -> " takes over from " + grant).orElse(" claims");
            }
        }

        record Completes(Grant grant, String outcome) implements Step {
            @Override
            public String toString() {
                return NAMES.charAt(grant.owner) + " completes " + grant + " with '" + outcome + "'";
            }
        }

        record Renews(Grant grant, Duration lease) implements Step {
            @Override
            public String toString() {
                return NAMES.charAt(grant.owner) + (lease.isZero() ? " gives up " : " renews ") + grant;
            }
        }

        record Releases(Grant grant) implements Step {
            @Override
            public String toString() {
                return NAMES.charAt(grant.owner) + " releases " + grant;
            }
        }

        record Passes(Duration time) implements Step {
            @Override
            public String toString() {
                return (time.equals(LEASE) ? "a lease" : "a retention") + " passes";
            }
        }
    }

    /** What the record should be. {@code last} is the last ticket that was granted; the times are what is left. */
    private record Book(State state, Grant last, Duration lease, Duration retention, String bytes) {

        static final Book NONE = new Book(State.RELEASED, new Grant(0, 0), Duration.ZERO, Duration.ZERO, "");

        boolean isNone() {
            return retention.isZero();
        }

        boolean isRunning() {
            return !isNone() && state == State.RUNNING;
        }

        boolean isAbandoned() {
            return isRunning() && lease.isZero();
        }

        boolean isDone() {
            return !isNone() && state == State.DONE;
        }

        boolean isRunningFor(Grant grant) {
            return isRunning() && last.equals(grant);
        }

        Book after(Duration time) {
            Duration left = left(retention, time);
            return left.isZero() ? NONE : new Book(state, last, left(lease, time), left, bytes);
        }

        private static Duration left(Duration duration, Duration time) {
            return duration.compareTo(time) <= 0 ? Duration.ZERO : duration.minus(time);
        }
    }

    private record Seen(Book book, long granted) {}

    private record Node(Seen seen, Node before, Step step) {}

    private static final class FaultException extends Exception {
        static final long serialVersionUID = 1L;

        FaultException(String message) {
            super(message);
        }
    }

    private final Subject subject;
    private final IdempotencyStore store;
    private long keys;
    private long steps;

    /** What is being played. */
    private RecordKey key = newKey();

    private Book book = Book.NONE;
    private long granted;

    ClaimProtocolModel(Subject subject) {
        this.subject = subject;
        this.store = subject.store;
    }

    static Subject embedded() {
        AtomicLong nanos = new AtomicLong();
        return new Subject(new EmbeddedStore(Long.MAX_VALUE, nanos::get), nanos);
    }

    private RecordKey newKey() {
        return RecordKey.ofBytes(ByteBuffer.allocate(32).putLong(keys++).array());
    }

    /** Goes all ways of so many steps. */
    Result explore(int depth) {
        Node start = new Node(new Seen(Book.NONE, 0), null, null);
        Set<Seen> seen = new HashSet<>(Set.of(start.seen));
        List<Node> level = List.of(start);
        for (int i = 0; i < depth && !level.isEmpty(); i++) {
            List<Node> next = new ArrayList<>();
            for (Node node : level) {
                for (Step step : steps(node.seen)) {
                    replay(node);
                    try {
                        take(step);
                    } catch (FaultException e) {
                        return new Result(seen.size(), steps, Optional.of(trace(node, step, e.getMessage())));
                    }
                    Seen here = new Seen(book, granted);
                    if (seen.add(here)) {
                        next.add(new Node(here, node, step));
                    }
                }
            }
            level = next;
        }
        return new Result(seen.size(), steps, Optional.empty());
    }

    private static List<Step> steps(Seen seen) {
        List<Grant> grants = new ArrayList<>();
        int begun = 0;
        for (int owner = 0; owner < OWNERS; owner++) {
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                Grant grant = new Grant(owner, epoch);
                if ((seen.granted & grant.bit()) != 0) {
                    grants.add(grant);
                    begun = owner + 1;
                }
            }
        }
        List<Step> steps = new ArrayList<>();
        for (int owner = 0; owner < Math.min(OWNERS, begun + 1); owner++) {
            steps.add(new Step.Claims(owner, Optional.empty()));
            for (Grant grant : grants) {
                steps.add(new Step.Claims(owner, Optional.of(grant)));
            }
        }
        for (Grant grant : grants) {
            steps.add(new Step.Completes(grant, "x"));
            steps.add(new Step.Completes(grant, "y"));
            steps.add(new Step.Renews(grant, LEASE));
            steps.add(new Step.Renews(grant, Duration.ZERO));
            steps.add(new Step.Releases(grant));
        }
        steps.add(new Step.Passes(LEASE));
        steps.add(new Step.Passes(RETENTION));
        return steps;
    }

    /** What led to a node, which was checked when it was found. */
    private void replay(Node node) {
        key = newKey();
        Deque<Step> path = new ArrayDeque<>();
        for (Node each = node; each.step != null; each = each.before) {
            path.push(each.step);
        }
        path.forEach(this::call);
        book = node.seen.book;
        granted = node.seen.granted;
    }

    private List<String> trace(Node node, Step last, String fault) {
        List<Step> path = new ArrayList<>(List.of(last));
        for (Node each = node; each.step != null; each = each.before) {
            path.add(each.step);
        }
        Collections.reverse(path);
        key = newKey();
        List<String> trace = new ArrayList<>();
        path.forEach(step -> {
            Object reply = call(step);
            trace.add(step + (step instanceof Step.Passes ? "" : ": " + said(reply)));
        });
        trace.add(fault);
        return trace;
    }

    private static String said(Object reply) {
        if (reply instanceof Claim.Granted granted) {
            return "granted as " + Grant.of(granted.ticket());
        }
        if (reply instanceof Claim.Abandoned abandoned) {
            return "abandoned by " + Grant.of(abandoned.ticket());
        }
        return reply instanceof Claim ? reply.getClass().getSimpleName() : String.valueOf(reply);
    }

    /** Takes a step, without a look at what comes of it. */
    private Object call(Step step) {
        steps++;
        if (step instanceof Step.Claims claims) {
            Optional<Ticket> abandoned = claims.abandoned.map(grant -> grant.ticket(key));
            return store.claim(
                    key, fingerprint(claims.owner), new ClaimTerms(claims.owner, LEASE, RETENTION, abandoned));
        }
        if (step instanceof Step.Completes completes) {
            return store.complete(completes.grant.ticket(key), buffer(completes.outcome), RETENTION);
        }
        if (step instanceof Step.Renews renews) {
            return store.renew(renews.grant.ticket(key), renews.lease, buffer("by " + renews.grant));
        }
        if (step instanceof Step.Releases releases) {
            return store.release(releases.grant.ticket(key));
        }
        return subject.nanos.addAndGet(((Step.Passes) step).time.toNanos());
    }

    private void take(Step step) throws FaultException {
        Object reply = call(step);
        if (step instanceof Step.Claims claims) {
            claimed(claims, (Claim) reply);
        } else if (step instanceof Step.Completes completes) {
            boolean repeated = book.isDone() && book.last.equals(completes.grant);
            changed(reply, completes.grant, book.isRunningFor(completes.grant) || repeated);
            if ((Boolean) reply && !repeated) {
                book = new Book(State.DONE, book.last, Duration.ZERO, RETENTION, completes.outcome);
            }
        } else if (step instanceof Step.Renews renews) {
            changed(reply, renews.grant, book.isRunningFor(renews.grant));
            if ((Boolean) reply) {
                Duration retention = Collections.max(List.of(book.retention, renews.lease));
                book = new Book(State.RUNNING, book.last, renews.lease, retention, "by " + renews.grant);
            }
        } else if (step instanceof Step.Releases releases) {
            changed(reply, releases.grant, book.isRunningFor(releases.grant));
            if ((Boolean) reply) {
                book = new Book(State.RELEASED, book.last, Duration.ZERO, book.retention, "");
            }
        } else {
            book = book.after(((Step.Passes) step).time);
        }
        look();
    }

    private void changed(Object reply, Grant grant, boolean allowed) throws FaultException {
        if ((Boolean) reply != allowed) {
            String record = book.isNone() ? "there is no record" : "the record of " + book.last + " is " + book.state;
            throw new FaultException("I2: " + grant + (allowed ? " was refused" : " was let in") + ", and " + record);
        }
    }

    private void claimed(Step.Claims claims, Claim claim) throws FaultException {
        if (claim instanceof Claim.Granted reply) {
            granted(claims, reply);
        } else if (claim instanceof Claim.Found found) {
            require(!book.isNone(), "nothing was claimed, and there is no record");
            require(
                    found.fingerprint().equals(fingerprint(book.last.owner)),
                    "I4: the fingerprint is not that of " + book.last);
            boolean own = book.isRunning() && book.last.owner == claims.owner;
            require(!own, "I1: the owner does not get its own record again");
            if (found instanceof Claim.Running running) {
                require(book.isRunning() && !book.isAbandoned(), "I1: running, and nobody is at work");
                require(running.remaining().equals(book.lease), "the lease has " + book.lease + " left");
            } else if (found instanceof Claim.Abandoned abandoned) {
                require(book.isAbandoned(), "I1: abandoned, and the lease is not over");
                require(Grant.of(abandoned.ticket()).equals(book.last), "I2: abandoned by another than " + book.last);
                require(
                        claims.abandoned.filter(book.last::equals).isEmpty(),
                        "I1: who names the abandoned ticket does not get the record");
            } else if (found instanceof Claim.Done done) {
                require(book.isDone(), "I3: done, and nobody has completed it");
                require(text(done.outcome()).equals(book.bytes), "I3: the outcome is not '" + book.bytes + "'");
                require(done.remaining().equals(book.retention), "the retention has " + book.retention + " left");
            }
        }
    }

    private void granted(Step.Claims claims, Claim.Granted reply) throws FaultException {
        Grant grant = Grant.of(reply.ticket());
        require(grant.owner == claims.owner, "granted to another");
        require(grant.epoch <= EPOCHS, "the model knows epochs up to " + EPOCHS);
        String progress = "";
        if (book.isRunning() && book.last.owner == claims.owner) {
            require(grant.equals(book.last), "I1: the owner is granted its own record anew");
            require(text(reply.progress()).equals(book.bytes), "the progress is not '" + book.bytes + "'");
            return;
        }
        require(!book.isDone(), "I3: granted, and it is done");
        if (book.isRunning()) {
            require(book.isAbandoned(), "I1: granted, and the lease of " + book.last + " is not over");
            require(
                    claims.abandoned.filter(book.last::equals).isPresent(),
                    "I1: granted, and it did not name " + book.last);
            progress = book.bytes;
        }
        int epoch = book.isNone() ? 1 : book.last.epoch + 1;
        require(grant.epoch == epoch, "the epoch is " + grant.epoch + ", and should be " + epoch);
        require(text(reply.progress()).equals(progress), "the progress is not '" + progress + "'");
        granted |= grant.bit();
        book = new Book(State.RUNNING, grant, LEASE, RETENTION, progress);
    }

    /** What the store shows must be what is in the book: nothing else has changed. */
    private void look() throws FaultException {
        Optional<RecordInfo> found = ((IdempotencyStore.Inspectable) store).find(key);
        if (book.isNone()) {
            require(found.isEmpty(), "there is a record, and its retention is over");
            return;
        }
        RecordInfo info = found.orElseThrow(() -> new FaultException(
                (book.isDone() ? "I3" : "I5") + ": the record of " + book.last + " is gone before its time"));
        State state = book.isAbandoned() ? State.ABANDONED : book.state;
        require(info.state() == state, "I5: the record is " + info.state() + ", and should be " + state);
        require(info.epoch() == book.last.epoch, "the epoch is " + info.epoch() + ", and should be " + book.last.epoch);
        require(
                info.fingerprint().equals(fingerprint(book.last.owner)),
                "I4: the fingerprint is not that of " + book.last);
        require(info.lease().equals(book.lease), "the lease is " + info.lease() + ", and should be " + book.lease);
        require(
                info.retention().equals(book.retention),
                "the retention is " + info.retention() + ", and should be " + book.retention);
        require(info.bytes() == book.bytes.length(), "the bytes are not '" + book.bytes + "'");
    }

    private static void require(boolean condition, String fault) throws FaultException {
        if (!condition) {
            throw new FaultException(fault);
        }
    }

    private static Fingerprint fingerprint(int owner) {
        return FINGERPRINTS.get(owner);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
