package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.LEASE;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.name;
import static dev.crosscut.idempotency.redis.Keys.over;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Records of format 1 as a server holds them, in {@code format-1.txt}: each release reads what the one before has written.
 * That file is not to be changed; a new format gets a file of its own.
 */
class RedisRecordTest {

    private static final long OWNER = 0x0123_4567_89ab_cdefL;
    private static final Fingerprint FINGERPRINT =
            Fingerprint.ofBytes(HexFormat.of().parseHex("a1".repeat(31) + "00"));

    private static RedisServer server;
    private static RedisStore store;

    private final RecordKey key = key();

    @BeforeAll
    static void start() {
        server = new RedisServer();
        store = server.store().open();
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    private static Map<String, byte[]> fixture() {
        Map<String, byte[]> records = new TreeMap<>();
        try (InputStream in = RedisRecordTest.class.getResourceAsStream("format-1.txt")) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", -1))
                    .forEach(line -> records.put(line[0], HexFormat.of().parseHex(line[1])));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return records;
    }

    private void restore(String name) {
        server.set(name(key), fixture().get(name));
    }

    @Test
    void a_running_record_is_read_with_its_owner_epoch_and_fingerprint() {
        restore("running");

        assertThat(store.find(key)).get().satisfies(info -> {
            assertThat(info.state()).isEqualTo(State.RUNNING);
            assertThat(info.epoch()).isEqualTo(3);
            assertThat(info.fingerprint()).isEqualTo(FINGERPRINT);
            assertThat(info.bytes()).isEqualTo(4);
        });
        assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
        assertThat(store.claim(key, REQUEST, terms(OWNER)))
                .isEqualTo(new Claim.Granted(new Ticket(key, OWNER, 3), bytes("half")));
        assertThat(store.complete(new Ticket(key, OWNER, 3), bytes("paid"), DAY))
                .isTrue();
    }

    @Test
    void an_abandoned_record_is_taken_over_with_its_progress() {
        restore("abandoned");
        Ticket abandoned = new Ticket(key, OWNER, 3);

        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Abandoned(FINGERPRINT, abandoned));
        assertThat(store.claim(key, REQUEST, over(abandoned, 8)))
                .isEqualTo(new Claim.Granted(new Ticket(key, 8, 4), bytes("half")));
    }

    @Test
    void a_done_record_is_replayed() {
        restore("done");

        assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOfSatisfying(Claim.Done.class, done -> {
            assertThat(done.fingerprint()).isEqualTo(FINGERPRINT);
            assertThat(done.outcome()).isEqualTo(bytes("paid\r\n\0\n"));
            assertThat(done.remaining()).isGreaterThan(Duration.ofDays(365));
        });
    }

    @Test
    void a_released_record_is_granted_with_the_next_epoch() {
        restore("released");

        assertThat(store.find(key)).get().extracting(RecordInfo::state).isEqualTo(State.RELEASED);
        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Granted(new Ticket(key, 8, 4), bytes("")));
    }

    @Test
    void a_record_whose_retention_is_over_is_granted_with_the_next_epoch() {
        restore("expired");

        assertThat(store.find(key)).isEmpty();
        assertThat(store.complete(new Ticket(key, OWNER, 3), bytes("late"), DAY))
                .isFalse();
        assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Granted(new Ticket(key, 8, 4), bytes("")));
    }

    /** The other direction: what is written now is what the release before can read. */
    @Test
    void what_is_written_has_the_bytes_of_format_1() {
        Ticket first = ((Claim.Granted) store.claim(key, FINGERPRINT, terms(OWNER))).ticket();
        store.release(first);
        store.claim(key, FINGERPRINT, terms(OWNER));
        Ticket third = new Ticket(key, OWNER, 3);
        store.release(new Ticket(key, OWNER, 2));
        store.claim(key, FINGERPRINT, terms(OWNER));

        store.renew(third, LEASE, bytes("half"));
        assertSameButForTimes("running");
        store.complete(third, bytes("paid\r\n\0\n"), DAY);
        assertSameButForTimes("done");
        assertThat(Arrays.copyOfRange(server.bytes(name(key)), 16, 24))
                .as("no lease any more")
                .containsOnly(0);
    }

    private void assertSameButForTimes(String name) {
        assertThat(withoutTimes(server.bytes(name(key))))
                .isEqualTo(withoutTimes(fixture().get(name)));
    }

    private static String withoutTimes(byte[] value) {
        byte[] without = value.clone();
        Arrays.fill(without, 16, 32, (byte) 0);
        return HexFormat.of().formatHex(without);
    }

    @Test
    void what_is_no_record_is_not_read() {
        byte[] good = fixture().get("done");

        assertThat(RedisRecord.read(good)).isNotNull();
        assertThat(RedisRecord.read(Arrays.copyOf(good, 63))).isNull();
        assertThat(RedisRecord.read(Arrays.copyOf(good, 64))).isNotNull();
        for (int at : new int[] {0, 1, 2, 3}) {
            byte[] bad = good.clone();
            bad[at] = 9;
            assertThat(RedisRecord.read(bad)).isNull();
        }
        byte[] withoutEpoch = good.clone();
        Arrays.fill(withoutEpoch, 12, 16, (byte) 0);
        assertThat(RedisRecord.read(withoutEpoch)).isNull();
        Arrays.fill(withoutEpoch, 12, 16, (byte) 0xff);
        assertThat(RedisRecord.read(withoutEpoch)).isNull();
    }
}
