package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.LEASE;
import static dev.crosscut.idempotency.redis.Keys.NOTHING;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.over;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordInfo;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A master and its replica, with a wire between them that can be held: what a failover loses, and what waiting prevents. */
@Timeout(60)
class RedisReplicationTest {

    private final RecordKey key = key();
    private RedisServer master;
    private Wire link;
    private RedisServer replica;

    @BeforeEach
    void start() {
        master = new RedisServer();
        link = new Wire(master.port());
        replica = new RedisServer("replicaof 127.0.0.1 " + link.port());
        inStep();
    }

    @AfterEach
    void stop() {
        replica.close();
        link.close();
        master.close();
    }

    private void inStep() {
        RedisServer.await(() -> master.text(redis -> redis.info("replication")).contains("state=online"));
    }

    /** The replica takes the place of the master, which is gone. */
    private RedisServer failOver() {
        master.kill();
        replica.ask(redis -> redis.replicaofNoOne());
        return replica;
    }

    private RedisStore waiting(Duration bound) {
        return master.store().replicas(1, bound).open();
    }

    private static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    @Test
    void a_replica_is_refused_at_the_start() {
        assertThatThrownBy(replica.store()::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "Redis at " + replica.address(),
                        "is a replica of 127.0.0.1:" + link.port(),
                        "expected the master");
    }

    @Test
    void a_server_that_becomes_a_replica_refuses_claims_and_says_so() {
        try (RedisStore store = master.store().open()) {
            master.ask(redis -> redis.replicaof("127.0.0.1", RedisServer.freePort()));

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .hasMessageContainingAll(master.address(), "it is a replica", "(READONLY)");
        }
    }

    @Test
    void a_replica_that_serves_nothing_without_its_master_says_so() {
        try (RedisServer alone = new RedisServer();
                RedisStore store = alone.store().open()) {
            alone.ask(redis -> redis.configSet("replica-serve-stale-data", "no"));
            alone.ask(redis -> redis.replicaof("127.0.0.1", RedisServer.freePort()));

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .hasMessageContainingAll(alone.address(), "lost its master", "(MASTERDOWN)");
        }
    }

    @Test
    void sentinel_leads_to_the_master_and_is_named() {
        try (RedisServer sentinel = RedisServer.sentinel("payments", master.port())) {
            String uri = "redis-sentinel://" + sentinel.address();
            try (RedisStore store = RedisStore.builder(uri + "/0#payments").open()) {
                granted(store.claim(key, REQUEST, terms(7)));
                assertThat(master.number(redis -> redis.exists(Keys.name(key)))).isEqualTo(1);
            }

            assertThatThrownBy(RedisStore.builder(uri + "/0#refunds")::open)
                    .hasMessageContaining("Redis at the master 'refunds' of Sentinel at " + sentinel.address()
                            + " could not be reached");
        }
    }

    /** The limit that the guide states. */
    @Test
    void without_waiting_a_failover_loses_a_claim_and_the_same_key_is_granted_again() {
        try (RedisStore store = master.store().open()) {
            link.hold();
            granted(store.claim(key, REQUEST, terms(7)));
        }

        try (RedisStore store = failOver().store().open()) {
            assertThat(store.claim(key, REQUEST, terms(8)))
                    .isEqualTo(new Claim.Granted(new Ticket(key, 8, 1), NOTHING));
        }
    }

    @Test
    void a_claim_and_an_outcome_that_were_waited_for_are_there_after_a_failover() {
        RecordKey done = key();
        try (RedisStore store = waiting(Duration.ofSeconds(20))) {
            granted(store.claim(key, REQUEST, terms(7)));
            assertThat(store.complete(granted(store.claim(done, REQUEST, terms(7))), bytes("paid"), DAY))
                    .isTrue();
        }

        try (RedisStore store = failOver().store().open()) {
            assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
            assertThat(store.claim(done, REQUEST, terms(8))).isInstanceOf(Claim.Done.class);
        }
    }

    @Test
    void a_claim_that_too_few_replicas_have_is_refused_and_released() {
        try (RedisStore store = waiting(Duration.ofMillis(50))) {
            link.hold();

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Redis at " + master.address() + " could not claim " + key
                            + ": 0 of 1 replicas had it within 50 ms; see INFO replication");
            assertThat(store.find(key)).get().extracting(RecordInfo::state).isEqualTo(State.RELEASED);

            link.letGo();
            inStep();
            RedisServer.await(() -> confirms(store));
            assertThat(granted(store.claim(key, REQUEST, terms(7)))).isEqualTo(new Ticket(key, 7, 2));
        }
    }

    private static boolean confirms(RedisStore store) {
        return catchThrowable(() -> store.claim(key(), REQUEST, terms(1))) == null;
    }

    @Test
    void a_take_over_that_too_few_replicas_have_leaves_the_record_abandoned_with_its_progress() {
        try (RedisStore store = waiting(Duration.ofMillis(50))) {
            RedisServer.await(() -> confirms(store));
            Ticket first = granted(store.claim(key, REQUEST, terms(7)));
            store.renew(first, Duration.ZERO, bytes("half"));
            link.hold();

            assertThatThrownBy(() -> store.claim(key, REQUEST, over(first, 8))).hasMessageContaining("0 of 1 replicas");
            assertThat(store.claim(key, REQUEST, terms(9)))
                    .isEqualTo(new Claim.Abandoned(REQUEST, new Ticket(key, 8, 2)));

            link.letGo();
            inStep();
            RedisServer.await(() -> confirms(store));
            assertThat(store.claim(key, REQUEST, over(new Ticket(key, 8, 2), 9)))
                    .isEqualTo(new Claim.Granted(new Ticket(key, 9, 3), bytes("half")));
        }
    }

    @Test
    void an_outcome_that_too_few_replicas_have_is_an_error_until_they_have_it() {
        try (RedisStore store = waiting(Duration.ofMillis(50))) {
            RedisServer.await(() -> confirms(store));
            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            link.hold();

            assertThatThrownBy(() -> store.complete(ticket, bytes("paid"), DAY))
                    .hasMessageContainingAll("complete " + key, "0 of 1 replicas");
            assertThatThrownBy(() -> store.complete(ticket, bytes("paid"), DAY))
                    .as("once more, which writes nothing that is new")
                    .hasMessageContaining("0 of 1 replicas");

            link.letGo();
            inStep();
            RedisServer.await(() -> catchThrowable(() -> store.complete(ticket, bytes("other"), DAY)) == null);
        }
        try (RedisStore store = failOver().store().open()) {
            assertThat(store.claim(key, REQUEST, terms(8)))
                    .isInstanceOfSatisfying(
                            Claim.Done.class, done -> assertThat(done.outcome()).isEqualTo(bytes("paid")));
        }
    }

    @Test
    void an_owner_that_claims_once_more_waits_for_replicas_once_more() {
        try (RedisStore forgetful = master.store().open();
                RedisStore store = waiting(Duration.ofMillis(50))) {
            RedisServer.await(() -> confirms(store));
            link.hold();
            granted(forgetful.claim(key, REQUEST, terms(7)));

            long before = calls("set");

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7))).hasMessageContaining("0 of 1 replicas");
            assertThat(calls("set") - before)
                    .as("WAIT is about writes of its connection: the grant, and what undoes it")
                    .isEqualTo(2);
        }
    }

    /** The WAIT reaches the server that took over, whose replica has all that this one has: not the claim. */
    @Test
    void a_failover_between_a_claim_and_its_wait_confirms_nothing() {
        try (RedisServer behind = new RedisServer("replicaof 127.0.0.1 " + replica.port());
                Wire wire = new Wire(master.port())) {
            RedisServer.await(
                    () -> behind.text(redis -> redis.info("replication")).contains("master_link_status:up"));
            RedisClient client = RedisClient.create("redis://" + wire.address());
            try (RedisStore store = RedisStore.builder(client)
                    .replicas(1, Duration.ofSeconds(1))
                    .open()) {
                RedisServer.await(() -> confirms(store));
                link.hold();
                replica.ask(redis -> redis.replicaofNoOne());
                wire.lead(replica.port());
                wire.cutAt("WAIT");

                assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("Redis at " + master.address() + " could not claim " + key
                                + ": the connection broke before it was known whether replicas have it");
                assertThat(store.find(key)).as("lost").isEmpty();
                RedisServer.await(() -> confirms(store));
                granted(store.claim(key, REQUEST, terms(7)));
            } finally {
                client.shutdown(0, 1, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void a_connection_of_our_own_that_breaks_refuses_what_it_was_asked() {
        try (Wire wire = new Wire(master.port());
                RedisStore store = RedisStore.builder("redis://" + wire.address())
                        .replicas(1, Duration.ofSeconds(1))
                        .open()) {
            RedisServer.await(() -> confirms(store));
            wire.cutAt("WAIT");

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(wire.address(), "claim " + key);
            RedisServer.await(() -> confirms(store));
        }
    }

    @Test
    void a_replay_waits_for_no_replicas() {
        try (RedisStore store = waiting(Duration.ofMillis(50))) {
            RedisServer.await(() -> confirms(store));
            store.complete(granted(store.claim(key, REQUEST, terms(7))), bytes("paid"), DAY);
            link.hold();

            assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Done.class);
        }
    }

    @Test
    void threads_that_wait_for_replicas_that_are_gone_share_their_waits() throws Exception {
        int threads = 32;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (RedisStore store = waiting(Duration.ofMillis(200))) {
            link.hold();
            long before = calls("wait");
            CountDownLatch ready = new CountDownLatch(threads);
            List<Future<Throwable>> claims = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                claims.add(pool.submit(() -> {
                    RecordKey own = key();
                    ready.countDown();
                    ready.await();
                    return catchThrowable(() -> store.claim(own, REQUEST, terms(7, LEASE)));
                }));
            }

            for (Future<Throwable> claim : claims) {
                assertThat(claim.get()).hasMessageContaining("0 of 1 replicas had it within 200 ms");
            }
            assertThat(calls("wait") - before).isBetween(1L, threads / 2L);
            assertThat(store.count().get(State.RELEASED)).isEqualTo(threads);
        } finally {
            pool.shutdownNow();
        }
    }

    /** How often the master has carried out a command. */
    private long calls(String command) {
        Matcher calls = Pattern.compile("cmdstat_" + command + ":calls=([0-9]+)")
                .matcher(master.text(redis -> redis.info("commandstats")));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }
}
