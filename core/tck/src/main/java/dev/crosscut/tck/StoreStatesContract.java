package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each call does to a record in each state, with the right ticket and with any other. */
abstract class StoreStatesContract extends StoreFixture {

    // claims

    @Test
    void a_key_without_a_record_is_granted_with_epoch_1_and_no_progress() {
        RecordKey key = key();
        long owner = owner();
        granted("a key without a record", new Ticket(key, owner, 1), "", store().claim(key, FINGERPRINT, terms(owner)));
        running("another owner claims it", FINGERPRINT, LEASE, store().claim(key, ANOTHER, terms()));
    }

    @Test
    void a_record_in_any_state_is_what_a_claim_says_however_often_it_is_claimed() throws Exception {
        for (State state : State.values()) {
            Made made = made(state);
            assertUnchanged("when it is " + state, made);
            if (state != State.RELEASED) {
                assertUnchanged("claimed once more when it is " + state, made);
            }
        }
    }

    @Test
    void a_claim_never_replaces_the_fingerprint_of_a_record_that_another_owner_has() throws Exception {
        for (State state : List.of(State.RUNNING, State.ABANDONED, State.DONE)) {
            Made made = made(state);
            for (int i = 0; i < 2; i++) {
                Claim claim = store().claim(made.key(), ANOTHER, terms());
                assertTrue(claim instanceof Claim.Found, () -> "claim of a record that is " + state + ": " + claim);
                assertEquals(
                        FINGERPRINT,
                        ((Claim.Found) claim).fingerprint(),
                        "the fingerprint of a record that is " + state + " is the one that its owner claimed with");
            }
        }
    }

    @Test
    void a_running_record_is_granted_once_more_to_the_same_owner_and_does_not_change() throws Exception {
        for (State state : List.of(State.RUNNING, State.ABANDONED)) {
            Made made = made(state);
            ClaimTerms longer = new ClaimTerms(
                    made.ticket().owner(), LEASE.multipliedBy(5), RETENTION.multipliedBy(5), Optional.empty());
            granted(
                    "the owner claims its record again when it is " + state,
                    made.ticket(),
                    made.bytes(),
                    store().claim(made.key(), ANOTHER, longer));
            assertUnchanged("when its owner has claimed it again, with another fingerprint and lease", made);
        }
    }

    @Test
    void a_done_record_is_done_for_its_owner_too_and_for_who_would_take_it_over() throws Exception {
        Made made = made(State.DONE);
        done(
                "the owner claims its done record",
                FINGERPRINT,
                "outcome",
                store().claim(made.key(), FINGERPRINT, terms(made.ticket().owner())));
        done(
                "somebody names the ticket of a done record as abandoned",
                FINGERPRINT,
                "outcome",
                store().claim(made.key(), ANOTHER, takingOver(made.ticket())));
    }

    @Test
    void a_released_record_is_granted_to_anybody_with_the_next_epoch_a_new_fingerprint_and_no_progress()
            throws Exception {
        Made made = made(State.RUNNING);
        assertTrue(store().release(made.ticket()), "release by the owner: expected true");
        long owner = owner();
        granted(
                "a record that was released, with progress",
                new Ticket(made.key(), owner, 3),
                "",
                store().claim(made.key(), ANOTHER, terms(owner)));
        running("it is claimed by others", ANOTHER, LEASE, store().claim(made.key(), FINGERPRINT, terms()));

        Made own = made(State.RELEASED);
        long same = own.ticket().owner();
        granted(
                "a record that its owner has released, by the same owner",
                new Ticket(own.key(), same, 3),
                "",
                store().claim(own.key(), FINGERPRINT, terms(same)));
    }

    @Test
    void each_grant_has_the_epoch_after_that_of_the_grant_before() throws Exception {
        RecordKey key = key();
        Ticket ticket = granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
        for (int epoch = 2; epoch < 12; epoch++) {
            if (epoch % 2 == 0) {
                assertTrue(store().release(ticket), "release by the owner: expected true");
                ticket = granted("a released record", store().claim(key, FINGERPRINT, terms()));
            } else {
                assertTrue(store().renew(ticket, Duration.ZERO, NOTHING), "renewal by the owner: expected true");
                ticket = granted("an abandoned record", store().claim(key, FINGERPRINT, takingOver(ticket)));
            }
            assertEquals(epoch, ticket.epoch(), "the epoch, with each release and each take-over");
        }
    }

    // completions

    @Test
    void a_completion_replaces_the_progress_by_the_outcome() throws Exception {
        Made made = made(State.RUNNING);
        assertTrue(store().complete(made.ticket(), buffer("all done"), RETENTION), "completion: expected true");
        done("a claim after the completion", FINGERPRINT, "all done", store().claim(made.key(), ANOTHER, terms()));
    }

    @Test
    void a_completion_that_is_repeated_says_true_and_changes_nothing() throws Exception {
        Made made = made(State.DONE);
        assertTrue(
                store().complete(made.ticket(), buffer("outcome"), RETENTION),
                "completion once more, with the same ticket: expected true");
        assertTrue(
                store().complete(made.ticket(), buffer("another outcome"), SHORT),
                "completion once more, with the same ticket and another outcome: expected true");
        pass(SHORT);
        assertUnchanged("completed once more, with another outcome and a short retention", made);
    }

    // tickets

    @Test
    void a_done_record_is_neither_released_nor_renewed() throws Exception {
        Made made = made(State.DONE);
        assertFalse(store().release(made.ticket()), "release of a done record by its owner: expected false");
        assertUnchanged("after its owner would have released it", made);
        assertFalse(
                store().renew(made.ticket(), LEASE, buffer("late")),
                "renewal of a done record by its owner: expected false");
        assertUnchanged("after its owner would have renewed it", made);
    }

    @Test
    void a_released_record_is_neither_completed_nor_renewed_nor_released_again() throws Exception {
        Made made = made(State.RELEASED);
        assertFalse(
                store().complete(made.ticket(), buffer("late"), RETENTION),
                "completion of a released record by its owner: expected false");
        assertFalse(
                store().renew(made.ticket(), LEASE, buffer("late")),
                "renewal of a released record by its owner: expected false");
        assertFalse(store().release(made.ticket()), "release of a released record by its owner: expected false");
        assertUnchanged("after its owner would have completed, renewed and released it", made);
    }

    @Test
    void a_ticket_for_a_key_without_a_record_makes_none() {
        RecordKey key = key();
        Ticket ticket = new Ticket(key, owner(), 1);
        assertFalse(store().complete(ticket, buffer("late"), RETENTION), "completion without a record: expected false");
        assertFalse(store().renew(ticket, LEASE, buffer("late")), "renewal without a record: expected false");
        assertFalse(store().release(ticket), "release without a record: expected false");
        long owner = owner();
        granted(
                "the key still has no record",
                new Ticket(key, owner, 1),
                "",
                store().claim(key, FINGERPRINT, terms(owner)));
    }

    @Test
    void a_ticket_of_another_owner_changes_nothing_in_any_state() throws Exception {
        for (State state : State.values()) {
            Made made = made(state);
            Ticket right = made.ticket();
            assertRefused(made, new Ticket(made.key(), right.owner() ^ 1, right.epoch()));
            assertRefused(made, new Ticket(made.key(), right.owner() ^ Long.MIN_VALUE, right.epoch()));
            assertRefused(made, new Ticket(made.key(), owner(), right.epoch()));
            assertUnchanged("after calls with tickets of other owners", made);
        }
    }

    @Test
    void a_ticket_of_another_epoch_changes_nothing_in_any_state() throws Exception {
        for (State state : State.values()) {
            Made made = made(state);
            Ticket right = made.ticket();
            assertRefused(made, new Ticket(made.key(), right.owner(), right.epoch() - 1));
            assertRefused(made, new Ticket(made.key(), right.owner(), right.epoch() + 1));
            assertRefused(made, new Ticket(made.key(), right.owner(), Integer.MAX_VALUE));
            assertUnchanged("after calls with tickets of other epochs", made);
        }
    }

    @Test
    void a_ticket_changes_the_record_of_its_own_key_alone() throws Exception {
        RecordKey one = key();
        RecordKey other = key();
        long owner = owner();
        Ticket ticket = granted("a key without a record", store().claim(one, FINGERPRINT, terms(owner)));
        Ticket twin = granted("another key", store().claim(other, FINGERPRINT, terms(owner)));

        assertTrue(store().complete(ticket, buffer("one"), RETENTION), "completion by the owner: expected true");
        running(
                "the record of the other key, of the same owner and epoch, when one is completed",
                FINGERPRINT,
                LEASE,
                store().claim(other, ANOTHER, terms()));
        assertTrue(store().release(twin), "release of the other: expected true");
        done("the first, when the other is released", FINGERPRINT, "one", store().claim(one, ANOTHER, terms()));
    }

    private void assertRefused(Made made, Ticket wrong) {
        String record = " of a record that is " + made.state() + ", ticket " + made.ticket() + ", with " + wrong;
        assertFalse(
                store().complete(wrong, buffer("wrong"), RETENTION), () -> "completion" + record + ": expected false");
        assertFalse(store().renew(wrong, LEASE, buffer("wrong")), () -> "renewal" + record + ": expected false");
        assertFalse(store().release(wrong), () -> "release" + record + ": expected false");
    }

    // renewals

    @Test
    void a_renewal_puts_its_progress_in_place_of_what_was_kept() throws Exception {
        Made made = made(State.RUNNING);
        for (String progress : List.of("a", "longer than that", "", "b")) {
            assertTrue(store().renew(made.ticket(), LEASE, buffer(progress)), "renewal by the owner: expected true");
            granted(
                    "the owner claims its record again after a renewal",
                    made.ticket(),
                    progress,
                    store().claim(made.key(), FINGERPRINT, terms(made.ticket().owner())));
        }
    }

    @Test
    void a_renewal_begins_the_lease_anew_be_it_longer_or_shorter_than_what_was_left() throws Exception {
        Made made = made(State.RUNNING);
        for (Duration lease : List.of(LEASE.multipliedBy(3), LEASE, LEASE.multipliedBy(2))) {
            assertTrue(store().renew(made.ticket(), lease, NOTHING), "renewal by the owner: expected true");
            running(
                    "a claim after a renewal for " + lease,
                    FINGERPRINT,
                    lease,
                    store().claim(made.key(), ANOTHER, terms()));
        }
    }

    @Test
    void a_renewal_for_no_time_gives_the_record_up_at_once_with_its_progress() throws Exception {
        Made made = made(State.RUNNING);
        assertTrue(
                store().renew(made.ticket(), Duration.ZERO, buffer("so far")),
                "renewal for no time by the owner: expected true");
        assertEquals(
                new Claim.Abandoned(FINGERPRINT, made.ticket()),
                store().claim(made.key(), ANOTHER, terms()),
                "claim of a record that was renewed for no time");
        long owner = owner();
        granted(
                "take-over of a record that was renewed for no time",
                new Ticket(made.key(), owner, 3),
                "so far",
                store().claim(made.key(), ANOTHER, takingOver(owner, made.ticket())));
    }
}
