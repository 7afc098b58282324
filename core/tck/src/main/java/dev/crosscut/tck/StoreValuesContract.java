package dev.crosscut.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** That keys, owners, fingerprints and bytes are kept as they are. */
abstract class StoreValuesContract extends StoreTimeContract {

    private static final int MIB = 1 << 20;

    private static byte[] eachByte(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static List<byte[]> samples() {
        return List.of(
                new byte[0],
                new byte[1],
                new byte[] {-1},
                eachByte(256),
                bytes("'\"\\;%_\0 \r\n--/*"),
                random(65_537),
                random(MIB));
    }

    private void assertKept(String what, byte[] expected, ByteBuffer actual) {
        assertEquals(expected.length, actual.remaining(), what + ": how many bytes there are");
        assertEquals(-1, ByteBuffer.wrap(expected).mismatch(actual), what + ": the first byte that differs");
    }

    private Ticket claimed(RecordKey key) {
        return granted("a key without a record", store().claim(key, FINGERPRINT, terms()));
    }

    private ByteBuffer outcome(RecordKey key) {
        Claim claim = store().claim(key, ANOTHER, terms());
        assertTrue(claim instanceof Claim.Done, () -> "claim of a done record: " + claim);
        return ((Claim.Done) claim).outcome();
    }

    @Test
    void an_outcome_comes_back_byte_for_byte_from_none_to_a_mebibyte() {
        for (byte[] bytes : samples()) {
            RecordKey key = key();
            assertTrue(
                    store().complete(claimed(key), ByteBuffer.wrap(bytes), RETENTION),
                    () -> "completion with " + bytes.length + " bytes: expected true");
            assertKept("the outcome, of " + bytes.length + " bytes", bytes, outcome(key));
        }
    }

    @Test
    void progress_comes_back_byte_for_byte_to_its_owner_and_to_who_takes_over() {
        for (byte[] bytes : samples()) {
            RecordKey key = key();
            Ticket ticket = claimed(key);
            assertTrue(
                    store().renew(ticket, LEASE, ByteBuffer.wrap(bytes)),
                    () -> "renewal with " + bytes.length + " bytes: expected true");
            Claim again = store().claim(key, FINGERPRINT, terms(ticket.owner()));
            granted("a running record, by its owner", again);
            assertKept("the progress, of " + bytes.length + " bytes", bytes, ((Claim.Granted) again).progress());
            store().renew(ticket, Duration.ZERO, ByteBuffer.wrap(bytes));
            Claim next = store().claim(key, FINGERPRINT, takingOver(ticket));
            granted("an abandoned record", next);
            assertKept(
                    "the progress after a take-over, of " + bytes.length + " bytes",
                    bytes,
                    ((Claim.Granted) next).progress());
        }
    }

    @Test
    void bytes_are_taken_from_where_a_buffer_is_to_where_it_ends_whatever_buffer_it_is() {
        byte[] bytes = eachByte(100);
        ByteBuffer direct = ByteBuffer.allocateDirect(100).put(bytes);
        for (ByteBuffer whole : List.of(
                ByteBuffer.wrap(bytes),
                ByteBuffer.wrap(bytes).asReadOnlyBuffer(),
                ByteBuffer.wrap(new byte[110], 5, 100).slice().put(bytes),
                direct)) {
            byte[] expected = Arrays.copyOfRange(bytes, 10, 90);
            RecordKey key = key();
            Ticket ticket = claimed(key);
            whole.limit(90).position(10);
            assertTrue(store().renew(ticket, LEASE, whole), "renewal by the owner: expected true");
            Claim again = store().claim(key, FINGERPRINT, terms(ticket.owner()));
            granted("a running record, by its owner", again);
            assertKept("the progress, from " + whole, expected, ((Claim.Granted) again).progress());
            whole.limit(90).position(10);
            assertTrue(store().complete(ticket, whole, RETENTION), "completion by the owner: expected true");
            assertKept("the outcome, from " + whole, expected, outcome(key));
        }
    }

    @Test
    void what_is_kept_changes_neither_with_the_array_that_it_came_from_nor_by_being_read() throws Exception {
        byte[] array = bytes("progress");
        RecordKey key = key();
        Ticket ticket = claimed(key);
        store().renew(ticket, LEASE, ByteBuffer.wrap(array));
        Arrays.fill(array, (byte) '!');
        granted(
                "the owner claims its record again, when it has changed its array",
                ticket,
                "progress",
                store().claim(key, FINGERPRINT, terms(ticket.owner())));

        byte[] outcome = bytes("outcome");
        store().complete(ticket, ByteBuffer.wrap(outcome), RETENTION);
        Arrays.fill(outcome, (byte) '!');
        for (int i = 0; i < 3; i++) {
            ByteBuffer read = outcome(key);
            assertEquals(
                    "outcome", text(read), "the outcome, when the array has changed and it was read " + i + " times");
            while (!read.isReadOnly() && read.hasRemaining()) {
                read.put((byte) '?');
            }
            read.position(read.limit());
        }
    }

    @Test
    void keys_that_differ_in_one_bit_are_different() {
        byte[] base = random(32);
        List<byte[]> all = new ArrayList<>(List.of(base));
        for (int bit = 0; bit < 256; bit++) {
            byte[] changed = base.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            all.add(changed);
        }
        // the same bytes each time would be those of another run
        byte[] salt = key().bytes();
        for (byte[] bytes : all) {
            for (int i = 0; i < 32; i++) {
                bytes[i] ^= salt[i];
            }
        }

        for (int i = 0; i < all.size(); i++) {
            RecordKey key = RecordKey.ofBytes(all.get(i));
            Ticket ticket = granted("a key that differs from others in a bit, " + key, claim(key));
            assertTrue(
                    store().complete(ticket, buffer("outcome " + i), RETENTION),
                    "completion by the owner: expected true");
        }
        for (int i = 0; i < all.size(); i++) {
            RecordKey key = RecordKey.ofBytes(all.get(i));
            done("a key that differs from others in a bit, " + key, FINGERPRINT, "outcome " + i, claim(key));
        }
    }

    private Claim claim(RecordKey key) {
        return store().claim(key, FINGERPRINT, terms());
    }

    @Test
    void keys_of_any_bytes_are_kept_apart() {
        byte[] run = key().bytes();
        List<RecordKey> keys = new ArrayList<>();
        for (int value : new int[] {0, 255, ' ', '\'', '%', '\\', 'A', 'a'}) {
            byte[] bytes = new byte[32];
            Arrays.fill(bytes, (byte) value);
            System.arraycopy(run, 0, bytes, 8, 16); // both ends are of the value
            keys.add(RecordKey.ofBytes(bytes));
        }
        for (RecordKey key : keys) {
            Ticket ticket = granted("the key " + key, claim(key));
            assertEquals(key, ticket.key(), "the key of a ticket");
            assertTrue(
                    store().complete(ticket, buffer(key.toString()), RETENTION),
                    () -> "completion with " + ticket + ": expected true");
        }
        for (RecordKey key : keys) {
            done("the key " + key, FINGERPRINT, key.toString(), claim(key));
        }
    }

    @Test
    void owners_and_fingerprints_of_any_bits_come_back() throws Exception {
        List<Fingerprint> fingerprints = new ArrayList<>(List.of(Fingerprint.NONE));
        for (int value : new int[] {0, 255, 0x80, 0x7f, '\''}) {
            byte[] bytes = new byte[32];
            Arrays.fill(bytes, (byte) value);
            fingerprints.add(Fingerprint.ofBytes(bytes));
        }
        List<Long> owners = List.of(Long.MIN_VALUE, -1L, 0L, 1L, Long.MAX_VALUE, 0x8000_0000L);
        for (int i = 0; i < owners.size(); i++) {
            RecordKey key = key();
            Fingerprint fingerprint = fingerprints.get(i);
            Ticket ticket = new Ticket(key, owners.get(i), 1);
            granted("a key without a record", ticket, "", store().claim(key, fingerprint, terms(owners.get(i))));
            assertTrue(
                    store().renew(ticket, Duration.ZERO, NOTHING), () -> "renewal with " + ticket + ": expected true");
            assertEquals(
                    new Claim.Abandoned(fingerprint, ticket),
                    store().claim(key, ANOTHER, terms()),
                    "claim of an abandoned record");
            assertTrue(store().complete(ticket, NOTHING, RETENTION), () -> "completion with " + ticket);
            done("a claim after that", fingerprint, "", store().claim(key, ANOTHER, terms()));
        }
    }

    @Test
    void records_do_not_get_in_each_others_way() throws Exception {
        List<Made> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            for (State state : List.of(State.RUNNING, State.DONE, State.RELEASED)) {
                all.add(made(state));
            }
        }
        for (Made made : all) {
            assertUnchanged("when " + all.size() + " records were made", made);
        }
    }
}
