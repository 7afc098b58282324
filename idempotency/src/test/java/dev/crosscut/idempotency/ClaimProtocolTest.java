package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.ClaimProtocolModel.Result;
import dev.crosscut.idempotency.ClaimProtocolModel.Subject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The protocol of claims, whatever three owners do and whenever they do it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClaimProtocolTest {

    /** Each step more takes two to three times as long; 16 are 184,648 states, each of them with all that can be next. */
    private static final int DEPTH = Integer.getInteger("model.depth", 11);

    private static final int STATES = 7_310;

    @Test
    void the_embedded_store_keeps_the_invariants_whatever_three_owners_do() {
        Result result = new ClaimProtocolModel(ClaimProtocolModel.embedded()).explore(DEPTH);

        assertThat(result.fault()).isEmpty();
        assertThat(result.states())
                .as("states in %d steps, of %d calls", DEPTH, result.steps())
                .isGreaterThanOrEqualTo(DEPTH < 11 ? 1 : STATES);
    }

    private static List<String> found(UnaryOperator<IdempotencyStore> fault) {
        Subject sound = ClaimProtocolModel.embedded();
        return new ClaimProtocolModel(new Subject(fault.apply(sound.store()), sound.nanos()))
                .explore(DEPTH)
                .fault()
                .orElse(List.of());
    }

    /** Passes on what it is asked; those that extend it do one thing wrong. */
    private static class Wrapper implements IdempotencyStore, IdempotencyStore.Inspectable {

        final IdempotencyStore store;
        final Inspectable inspector;

        Wrapper(IdempotencyStore store) {
            this.store = store;
            this.inspector = (Inspectable) store;
        }

        /** The ticket that the store under this one is shown. */
        Ticket shown(Ticket ticket) {
            return ticket;
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            return store.claim(key, fingerprint, terms);
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            return store.complete(shown(ticket), outcome, retention);
        }

        @Override
        public boolean release(Ticket ticket) {
            return store.release(shown(ticket));
        }

        @Override
        public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
            return store.renew(shown(ticket), lease, progress);
        }

        @Override
        public Optional<RecordInfo> find(RecordKey key) {
            return inspector.find(key);
        }

        @Override
        public boolean expire(RecordKey key) {
            return inspector.expire(key);
        }

        @Override
        public Map<RecordInfo.State, Long> count() {
            return inspector.count();
        }
    }

    private static final class ComparesNoEpoch extends Wrapper {
        ComparesNoEpoch(IdempotencyStore store) {
            super(store);
        }

        @Override
        Ticket shown(Ticket ticket) {
            return find(ticket.key())
                    .map(info -> new Ticket(ticket.key(), ticket.owner(), info.epoch()))
                    .orElse(ticket);
        }
    }

    @Test
    void a_store_that_does_not_compare_epochs_is_found_out() {
        assertThat(found(ComparesNoEpoch::new))
                .containsExactly(
                        "A claims: granted as A1",
                        "A releases A1: true",
                        "A claims: granted as A2",
                        "A completes A1 with 'x': true",
                        "I2: A1 was let in, and the record of A2 is RUNNING");
    }

    private static final class ComparesNoOwner extends Wrapper {
        private final Map<RecordKey, Long> owners = new ConcurrentHashMap<>();

        ComparesNoOwner(IdempotencyStore store) {
            super(store);
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            Claim claim = super.claim(key, fingerprint, terms);
            if (claim instanceof Claim.Granted granted) {
                owners.put(key, granted.ticket().owner());
            }
            return claim;
        }

        @Override
        Ticket shown(Ticket ticket) {
            return new Ticket(ticket.key(), owners.getOrDefault(ticket.key(), ticket.owner()), ticket.epoch());
        }
    }

    @Test
    void a_store_that_does_not_compare_owners_is_found_out() {
        assertThat(found(ComparesNoOwner::new))
                .containsExactly(
                        "A claims: granted as A1",
                        "a retention passes",
                        "B claims: granted as B1",
                        "A completes A1 with 'x': true",
                        "I2: A1 was let in, and the record of B1 is RUNNING");
    }

    private static final class TakesOverFromAnybody extends Wrapper {
        TakesOverFromAnybody(IdempotencyStore store) {
            super(store);
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            Claim claim = super.claim(key, fingerprint, terms);
            return claim instanceof Claim.Abandoned abandoned
                            && terms.abandoned().isPresent()
                    ? super.claim(
                            key,
                            fingerprint,
                            new ClaimTerms(
                                    terms.owner(), terms.lease(), terms.retention(), Optional.of(abandoned.ticket())))
                    : claim;
        }
    }

    @Test
    void a_store_that_lets_a_record_be_taken_over_with_a_ticket_that_is_stale_is_found_out() {
        assertThat(found(TakesOverFromAnybody::new))
                .hasSizeGreaterThan(5)
                .last()
                .asString()
                .startsWith("I1: granted, and it did not name ");
    }

    private static final class TakesOverEarly extends Wrapper {
        TakesOverEarly(IdempotencyStore store) {
            super(store);
        }

        @Override
        public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
            terms.abandoned()
                    .filter(ticket -> ticket.owner() != terms.owner())
                    .ifPresent(ticket -> store.renew(ticket, Duration.ZERO, ByteBuffer.allocate(0)));
            return super.claim(key, fingerprint, terms);
        }
    }

    @Test
    void a_store_that_lets_a_record_be_taken_over_before_its_lease_is_over_is_found_out() {
        assertThat(found(TakesOverEarly::new))
                .containsExactly(
                        "A claims: granted as A1",
                        "B takes over from A1: granted as B2",
                        "I1: granted, and the lease of A1 is not over");
    }

    private static final class ForgetsWhatIsReleased extends Wrapper {
        ForgetsWhatIsReleased(IdempotencyStore store) {
            super(store);
        }

        @Override
        public boolean release(Ticket ticket) {
            return super.release(ticket) && expire(ticket.key());
        }
    }

    @Test
    void a_store_that_forgets_the_epoch_of_what_is_released_is_found_out() {
        assertThat(found(ForgetsWhatIsReleased::new))
                .containsExactly(
                        "A claims: granted as A1",
                        "A releases A1: true",
                        "I5: the record of A1 is gone before its time");
    }

    private static final class ForgetsWhatIsDone extends Wrapper {
        ForgetsWhatIsDone(IdempotencyStore store) {
            super(store);
        }

        @Override
        public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
            boolean done = find(ticket.key())
                    .filter(info -> info.state() == RecordInfo.State.DONE)
                    .isPresent();
            boolean completed = super.complete(ticket, outcome, retention);
            if (done) {
                expire(ticket.key());
            }
            return completed;
        }
    }

    @Test
    void a_store_that_forgets_what_is_done_is_found_out() {
        assertThat(found(ForgetsWhatIsDone::new))
                .containsExactly(
                        "A claims: granted as A1",
                        "A completes A1 with 'x': true",
                        "A completes A1 with 'x': true",
                        "I3: the record of A1 is gone before its time");
    }
}
