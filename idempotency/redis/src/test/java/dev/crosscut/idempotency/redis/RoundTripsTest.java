package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.LEASE;
import static dev.crosscut.idempotency.redis.Keys.NOTHING;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.name;
import static dev.crosscut.idempotency.redis.Keys.over;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.RedisClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire to the server: how often, and what not. */
class RoundTripsTest {

    private static RedisServer server;
    private static Wire wire;
    private static RedisClient client;
    private static RedisStore store;

    private final RecordKey key = key();

    @BeforeAll
    static void start() {
        server = new RedisServer();
        wire = new Wire(server.port());
        // Names nothing of itself on its connection, so that all that is sent is the store's.
        client = RedisClient.create("redis://" + wire.address());
        store = RedisStore.builder(client).open();
        // The scripts are on the server from here on.
        RecordKey warm = key();
        Ticket ticket = claim(warm, 7);
        store.renew(ticket, Duration.ZERO, NOTHING);
        store.release(ticket);
        store.complete(claim(warm, 8), NOTHING, DAY);
        store.find(warm);
    }

    @AfterAll
    static void stop() {
        store.close();
        client.shutdown(0, 1, TimeUnit.SECONDS);
        wire.close();
        server.close();
    }

    @BeforeEach
    void forget() {
        wire.turns();
        wire.sent();
    }

    private static Ticket claim(RecordKey key, long owner) {
        return ((Claim.Granted) store.claim(key, REQUEST, terms(owner))).ticket();
    }

    @Test
    void a_new_call_is_two_round_trips() {
        store.complete(claim(key, 7), bytes("paid"), DAY);

        assertThat(wire.turns()).isEqualTo(2);
    }

    @Test
    void a_replay_is_one_round_trip() {
        store.complete(claim(key, 7), bytes("paid"), DAY);
        wire.turns();

        assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Done.class);
        assertThat(wire.turns()).isEqualTo(1);
    }

    @Test
    void an_outcome_of_a_mebibyte_takes_as_many_round_trips_as_any_other() {
        store.complete(claim(key, 7), ByteBuffer.allocate(1 << 20), DAY);
        assertThat(wire.turns()).isEqualTo(2);

        store.claim(key, REQUEST, terms(8));
        assertThat(wire.turns()).isEqualTo(1);
    }

    @Test
    void a_conflict_a_release_a_renewal_and_a_look_are_one_round_trip_each_and_a_take_over_two() {
        Ticket ticket = claim(key, 7);
        wire.turns();

        assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
        assertThat(wire.turns()).isEqualTo(1);
        store.renew(ticket, Duration.ZERO, NOTHING);
        assertThat(wire.turns()).isEqualTo(1);
        Claim.Abandoned abandoned = (Claim.Abandoned) store.claim(key, REQUEST, terms(8));
        store.claim(key, REQUEST, over(abandoned.ticket(), 8));
        assertThat(wire.turns()).isEqualTo(2);
        store.find(key);
        assertThat(wire.turns()).isEqualTo(1);
        store.release(new Ticket(key, 8, 2));
        assertThat(wire.turns()).isEqualTo(1);
    }

    @Test
    void a_look_at_a_record_does_not_fetch_its_outcome() {
        store.complete(claim(key, 7), ByteBuffer.allocate(1 << 20), DAY);
        wire.received();

        assertThat(store.find(key)).isPresent();
        assertThat(store.count()).isNotEmpty();
        assertThat(wire.received()).isLessThan(100_000);
    }

    /** Leases end by the clock of the server: a process has no way to tell it another. */
    @Test
    void no_call_sends_the_time_of_this_machine() {
        Ticket ticket = claim(key, 7);
        store.renew(ticket, LEASE, NOTHING);
        store.claim(key, REQUEST, terms(8));
        store.complete(ticket, NOTHING, DAY);

        String sent = wire.sent();
        assertThat(sent).contains(name(key)).contains("\r\n30000\r\n").contains("\r\n86400000\r\n");
        assertThat(Pattern.compile("\r\n[0-9]{9,}\r\n").matcher(sent).find())
                .as("a number that could be a time, in %s", sent)
                .isFalse();
    }

    @Test
    void a_lease_is_kept_as_a_time_of_the_server() {
        long before = millis();
        claim(key, 7);
        long after = millis();

        RedisRecord kept = RedisRecord.read(raw());
        assertThat(kept.lease() - LEASE.toMillis()).isBetween(before, after);
        assertThat(kept.expires() - DAY.toMillis()).isEqualTo(kept.lease() - LEASE.toMillis());
    }

    private static long millis() {
        return server.number(redis -> {
            var time = redis.time();
            return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
        });
    }

    private byte[] raw() {
        return server.bytes(name(key));
    }
}
