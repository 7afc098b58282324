package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Leases that are over, take-overs, owners that come late, and the end of the retention. */
abstract class StoreTimeContract extends StoreStatesContract {

    private static final ClaimTerms BRIEF = new ClaimTerms(1, SHORT, SHORT, Optional.empty());

    // take-overs

    @Test
    void a_take_over_keeps_the_progress_and_makes_the_record_another_owners() throws Exception {
        Made made = made(State.ABANDONED);
        long owner = owner();
        Ticket ticket = new Ticket(made.key(), owner, 3);
        granted(
                "take-over of an abandoned record",
                ticket,
                "progress",
                store().claim(made.key(), ANOTHER, takingOver(owner, made.ticket())));
        running("a claim after a take-over", ANOTHER, LEASE, store().claim(made.key(), FINGERPRINT, terms()));
        assertTrue(
                store().complete(ticket, buffer("taken over"), RETENTION),
                "completion by who took the record over: expected true");
        done("a claim after that", ANOTHER, "taken over", store().claim(made.key(), FINGERPRINT, terms()));
    }

    @Test
    void a_take_over_before_the_lease_is_over_is_refused() throws Exception {
        Made made = made(State.RUNNING);
        running(
                "take-over of a record whose lease is not over",
                FINGERPRINT,
                LEASE,
                store().claim(made.key(), ANOTHER, takingOver(made.ticket())));
        assertUnchanged("after a take-over that was too early", made);

        Made renewed = made(State.ABANDONED);
        assertTrue(store().renew(renewed.ticket(), LEASE, buffer("progress")), "late renewal: expected true");
        running(
                "take-over of a record that was found abandoned, and renewed since",
                FINGERPRINT,
                LEASE,
                store().claim(renewed.key(), ANOTHER, takingOver(renewed.ticket())));
    }

    @Test
    void a_take_over_with_any_other_ticket_is_refused() throws Exception {
        Made made = made(State.ABANDONED);
        Ticket right = made.ticket();
        for (Ticket wrong : List.of(
                new Ticket(made.key(), right.owner() ^ 1, right.epoch()),
                new Ticket(made.key(), right.owner(), right.epoch() - 1),
                new Ticket(made.key(), right.owner(), right.epoch() + 1),
                new Ticket(key(), right.owner(), right.epoch()))) {
            assertEquals(
                    new Claim.Abandoned(FINGERPRINT, right),
                    store().claim(made.key(), ANOTHER, takingOver(wrong)),
                    () -> "take-over of a record of " + right + " that names " + wrong + " as abandoned");
        }
        assertUnchanged("after take-overs with other tickets", made);
    }

    @Test
    void a_ticket_that_was_taken_over_from_is_not_taken_over_from_again() throws Exception {
        Made made = made(State.ABANDONED);
        Ticket second = granted("an abandoned record", store().claim(made.key(), ANOTHER, takingOver(made.ticket())));
        assertTrue(store().renew(second, Duration.ZERO, NOTHING), "renewal by who took it over: expected true");
        assertEquals(
                new Claim.Abandoned(ANOTHER, second),
                store().claim(made.key(), FINGERPRINT, takingOver(made.ticket())),
                "take-over that names the ticket before the last as abandoned");
    }

    // owners that come late

    @Test
    void an_owner_whose_record_was_taken_over_changes_nothing() throws Exception {
        Made made = made(State.ABANDONED);
        Ticket late = made.ticket();
        Ticket next = granted("an abandoned record", store().claim(made.key(), ANOTHER, takingOver(late)));

        for (State state : List.of(State.RUNNING, State.DONE)) {
            if (state == State.DONE) {
                assertTrue(
                        store().complete(next, buffer("of the next"), RETENTION),
                        "completion by who took the record over: expected true");
            }
            assertFalse(
                    store().complete(late, buffer("late"), RETENTION),
                    "completion by an owner whose record was taken over: expected false");
            assertFalse(
                    store().renew(late, LEASE, buffer("late")),
                    "renewal by an owner whose record was taken over: expected false");
            assertFalse(store().release(late), "release by an owner whose record was taken over: expected false");
        }
        done(
                "a claim after all that",
                ANOTHER,
                "of the next",
                store().claim(made.key(), FINGERPRINT, terms(late.owner())));
    }

    @Test
    void an_owner_that_has_claimed_its_released_record_again_is_not_mixed_up_with_its_former_self() {
        RecordKey key = key();
        long owner = owner();
        Ticket former = granted("a key without a record", store().claim(key, FINGERPRINT, terms(owner)));
        assertTrue(store().release(former), "release by the owner: expected true");
        Ticket present = granted("a released record", store().claim(key, ANOTHER, terms(owner)));

        assertFalse(
                store().complete(former, buffer("former"), RETENTION),
                "completion with the ticket of an epoch that is over: expected false");
        assertFalse(
                store().renew(former, LEASE, buffer("former")),
                "renewal with the ticket of an epoch that is over: expected false");
        assertFalse(store().release(former), "release with the ticket of an epoch that is over: expected false");
        granted("the owner claims its record again", present, "", store().claim(key, ANOTHER, terms(owner)));
    }

    @Test
    void an_owner_that_is_late_completes_renews_or_releases_as_long_as_nobody_took_over() throws Exception {
        Made completed = made(State.ABANDONED);
        assertTrue(
                store().complete(completed.ticket(), buffer("late"), RETENTION),
                "completion after the end of the lease, when nobody took over: expected true");
        done("a claim after that", FINGERPRINT, "late", store().claim(completed.key(), ANOTHER, terms()));

        Made renewed = made(State.ABANDONED);
        assertTrue(
                store().renew(renewed.ticket(), LEASE, buffer("late")),
                "renewal after the end of the lease, when nobody took over: expected true");
        running("a claim after that", FINGERPRINT, LEASE, store().claim(renewed.key(), ANOTHER, terms()));

        Made released = made(State.ABANDONED);
        assertTrue(
                store().release(released.ticket()),
                "release after the end of the lease, when nobody took over: expected true");
        assertEquals(
                3,
                granted("a record that was released late", store().claim(released.key(), ANOTHER, terms()))
                        .epoch(),
                "the epoch of a record that is granted for the third time");
    }

    // the retention

    private Claim claimBriefly(RecordKey key) {
        return store().claim(
                        key, FINGERPRINT, new ClaimTerms(owner(), BRIEF.lease(), BRIEF.retention(), Optional.empty()));
    }

    private void assertGrantedAnew(String what, RecordKey key, int epoch) {
        long owner = owner();
        Claim claim = store().claim(key, ANOTHER, terms(owner));
        Ticket ticket = granted(what, claim);
        assertTrue(
                ticket.epoch() == 1 || ticket.epoch() == epoch + 1,
                () -> what + ": expected the epoch " + (epoch + 1) + ", or 1 where the record was dropped, but was "
                        + ticket.epoch());
        granted(what, new Ticket(key, owner, ticket.epoch()), "", claim);
        running(what + ", when it is claimed again", ANOTHER, LEASE, store().claim(key, FINGERPRINT, terms()));
    }

    @Test
    void what_is_done_is_granted_anew_when_its_retention_is_over() throws Exception {
        RecordKey key = key();
        Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
        assertTrue(store().complete(ticket, buffer("brief"), SHORT), "completion by the owner: expected true");
        pass(SHORT);
        assertGrantedAnew("a done record whose retention is over", key, 1);
        assertFalse(
                store().complete(ticket, buffer("again"), RETENTION),
                "completion by the owner before, when the record was granted anew: expected false");
    }

    @Test
    void what_is_abandoned_is_granted_anew_without_progress_when_its_retention_is_over() throws Exception {
        RecordKey key = key();
        Ticket ticket = granted("a key without a record", claimBriefly(key));
        store().renew(ticket, SHORT, buffer("progress"));
        pass(SHORT);
        assertGrantedAnew("an abandoned record whose retention is over", key, 1);
        assertFalse(
                store().complete(ticket, buffer("late"), RETENTION),
                "completion by the owner before, when the record was granted anew: expected false");
        assertFalse(
                store().renew(ticket, LEASE, buffer("late")),
                "renewal by the owner before, when the record was granted anew: expected false");
        assertFalse(
                store().release(ticket),
                "release by the owner before, when the record was granted anew: expected false");
    }

    @Test
    void what_is_released_is_granted_anew_when_its_retention_is_over() throws Exception {
        RecordKey key = key();
        store().release(granted("a key without a record", claimBriefly(key)));
        pass(SHORT);
        assertGrantedAnew("a released record whose retention is over", key, 1);
    }

    @Test
    void what_was_granted_anew_after_its_retention_is_kept_as_long_as_any() throws Exception {
        RecordKey key = key();
        for (int i = 0; i < 3; i++) {
            granted("a key whose record, if any, is over", claimBriefly(key));
            pass(SHORT);
        }
        Ticket ticket = granted("a record whose retention is over", store().claim(key, FINGERPRINT, terms()));
        pass(SHORT);
        running("a claim after the old retention", FINGERPRINT, LEASE, store().claim(key, ANOTHER, terms()));
        assertTrue(store().complete(ticket, buffer("kept"), RETENTION), "completion by the owner: expected true");
        done("a claim after the completion", FINGERPRINT, "kept", store().claim(key, ANOTHER, terms()));
    }

    @Test
    void a_completion_begins_the_retention_anew() throws Exception {
        RecordKey key = key();
        Ticket ticket = granted(
                "a key without a record",
                store().claim(key, FINGERPRINT, new ClaimTerms(owner(), SHORT, LEASE, Optional.empty())));
        assertTrue(store().complete(ticket, buffer("kept"), RETENTION), "completion by the owner: expected true");
        pass(SHORT);
        done(
                "a claim of a record that was claimed for an hour, and completed for a day",
                FINGERPRINT,
                "kept",
                store().claim(key, ANOTHER, terms()));
    }

    @Test
    void a_renewal_keeps_the_record_as_long_as_its_lease_at_least() throws Exception {
        RecordKey key = key();
        Duration retention = SHORT.multipliedBy(5);
        Ticket ticket = claimedAndRenewed(key, retention);
        for (int i = 0; ticket == null && i < 3; i++) { // it was over before it was renewed
            key = key();
            retention = retention.multipliedBy(4);
            ticket = claimedAndRenewed(key, retention);
        }
        assertNotNull(ticket, "renewal by the owner, a moment after the claim: expected true");
        pass(retention);
        running(
                "a claim after the retention of the claim, within the lease of a renewal",
                FINGERPRINT,
                LEASE,
                store().claim(key, ANOTHER, terms()));
        assertTrue(store().complete(ticket, buffer("kept"), RETENTION), "completion by the owner: expected true");
    }

    private @Nullable Ticket claimedAndRenewed(RecordKey key, Duration retention) {
        ClaimTerms terms = new ClaimTerms(owner(), SHORT, retention, Optional.empty());
        Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms));
        return store().renew(ticket, LEASE, NOTHING) ? ticket : null;
    }

    @Test
    void a_renewal_never_shortens_the_retention() throws Exception {
        Made made = made(State.RUNNING);
        assertTrue(store().renew(made.ticket(), SHORT, buffer("kept")), "renewal by the owner: expected true");
        pass(SHORT);
        assertEquals(
                new Claim.Abandoned(FINGERPRINT, made.ticket()),
                store().claim(made.key(), ANOTHER, terms()),
                "claim of a record whose lease is over, and whose retention is not");
    }

    @Test
    void a_century_is_counted_like_a_second() {
        Duration century = Duration.ofDays(36_500);
        RecordKey key = key();
        Ticket ticket = granted(
                "a key without a record",
                store().claim(key, FINGERPRINT, new ClaimTerms(owner(), century, century, Optional.empty())));
        running("the lease is a century", FINGERPRINT, century, store().claim(key, ANOTHER, terms()));
        assertTrue(store().renew(ticket, century, NOTHING), "renewal for a century: expected true");
        running("the lease is a century again", FINGERPRINT, century, store().claim(key, ANOTHER, terms()));
        assertTrue(store().complete(ticket, NOTHING, century), "completion for a century: expected true");
        Claim claim = store().claim(key, ANOTHER, terms());
        assertTrue(claim instanceof Claim.Done, () -> "claim of a done record: " + claim);
        assertLeft("the retention is a century", century, ((Claim.Done) claim).remaining());
    }
}
