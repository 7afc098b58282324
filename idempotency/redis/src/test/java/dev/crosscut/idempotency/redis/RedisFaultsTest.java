package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.LEASE;
import static dev.crosscut.idempotency.redis.Keys.NOTHING;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisLoadingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people are told, and what is left in the store, where Redis refuses, forgets, hangs or is not there. */
@Timeout(30)
class RedisFaultsTest {

    private final RecordKey key = key();

    private static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    @Test
    void scripts_that_the_server_forgets_are_sent_again() {
        try (RedisServer server = new RedisServer();
                RedisStore store = server.store().open()) {
            granted(store.claim(key, REQUEST, terms(7)));
            server.ask(redis -> redis.scriptFlush());

            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            assertThat(store.renew(ticket, LEASE, bytes("half"))).isTrue();
            assertThat(store.find(key)).isPresent();
            assertThat(store.complete(ticket, bytes("paid"), DAY)).isTrue();
            assertThat(store.release(ticket)).isFalse();
            assertThat(server.text(redis -> redis.info("commandstats")))
                    .contains("cmdstat_eval:calls=6,")
                    .contains("cmdstat_evalsha:calls=6,");
        }
    }

    @Test
    void what_is_on_disk_is_there_after_a_crash_and_the_same_store_goes_on() {
        try (RedisServer server = new RedisServer("appendonly yes", "appendfsync always");
                RedisStore store = server.store().open()) {
            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            server.kill();
            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(8)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(server.address(), "claim " + key);
            server.start();
            RedisServer.await(() -> answers(store));

            assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
            assertThat(store.complete(ticket, bytes("paid"), DAY)).isTrue();
        }
    }

    /** The limit that the guide states. */
    @Test
    void without_persistence_a_restart_forgets_and_the_same_key_is_granted_again() {
        try (RedisServer server = new RedisServer();
                RedisStore store = server.store().open()) {
            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            server.stop();
            server.start();
            RedisServer.await(() -> answers(store));

            assertThat(granted(store.claim(key, REQUEST, terms(8)))).isEqualTo(new Ticket(key, 8, 1));
            assertThat(store.complete(ticket, bytes("zombie"), DAY)).isFalse();
        }
    }

    private static boolean answers(RedisStore store) {
        return catchThrowable(() -> store.find(key())) == null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"allkeys-lru", "allkeys-random", "volatile-ttl", "volatile-lfu"})
    void a_server_that_evicts_keys_is_warned_of_once(String policy) {
        try (Log log = new Log();
                RedisServer server = new RedisServer("maxmemory 100mb", "maxmemory-policy " + policy);
                RedisStore store = server.store().open()) {
            store.claim(key, REQUEST, terms(7));

            assertThat(log.at(Level.WARNING))
                    .singleElement()
                    .satisfies(warning -> assertThat(warning)
                            .contains(
                                    server.address() + " (" + policy + ")",
                                    "the same work be done again",
                                    "noeviction"));
        }
    }

    @Test
    void a_server_that_does_not_evict_is_not_warned_of() {
        try (Log log = new Log();
                RedisServer server = new RedisServer("maxmemory 100mb", "maxmemory-policy noeviction")) {
            server.store().open().close();

            assertThat(log.at(Level.WARNING)).isEmpty();
            assertThat(log.at(Level.INFO)).isEmpty();
        }
    }

    @Test
    void a_server_that_may_not_be_asked_is_used_all_the_same() {
        try (Log log = new Log();
                RedisServer server =
                        new RedisServer("maxmemory-policy allkeys-lru", "user app on >geheim ~* +@all -info -config")) {
            try (RedisStore store =
                    RedisStore.builder("redis://app:geheim@" + server.address()).open()) {
                granted(store.claim(key, REQUEST, terms(7)));
            }

            assertThat(log.at(Level.WARNING)).isEmpty();
            assertThat(log.at(Level.INFO))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains(server.address(), "(NOPERM)", "noeviction")
                            .doesNotContain("geheim"));
        }
    }

    /** As the guide has them. */
    private static final String ALLOWED =
            "~crosscut:idempotency:* +evalsha +eval +time +get +set +del +getrange +scan +info +wait";

    @Test
    void the_permissions_that_the_guide_lists_are_enough() {
        try (Log log = new Log();
                RedisServer server = new RedisServer("user app on >geheim " + ALLOWED);
                RedisStore store = RedisStore.builder("redis://app:geheim@" + server.address())
                        .open()) {
            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            assertThat(store.renew(ticket, LEASE, NOTHING)).isTrue();
            assertThat(store.find(key)).isPresent();
            assertThat(store.count().values()).containsExactlyInAnyOrder(1L, 0L, 0L, 0L);
            assertThat(store.complete(ticket, bytes("paid"), DAY)).isTrue();
            assertThat(store.release(ticket)).isFalse();
            assertThat(store.expire(key)).isTrue();
            assertThat(log.at(Level.INFO)).isEmpty();
        }
    }

    @Test
    void a_user_without_a_permission_is_told_of_it() {
        try (RedisServer server = new RedisServer("user app on >geheim ~other:* +@all");
                RedisStore store = RedisStore.builder("redis://app:geheim@" + server.address())
                        .open()) {
            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .hasMessageContainingAll(server.address(), "claim " + key, "may not do that", "(NOPERM)");
        }
    }

    @Test
    void a_full_server_refuses_claims_and_keeps_what_it_has() {
        try (RedisServer server = new RedisServer("maxmemory-policy noeviction");
                RedisStore store = server.store().open()) {
            Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
            server.ask(redis -> redis.configSet("maxmemory", "1"));

            RecordKey other = key();
            assertThatThrownBy(() -> store.claim(other, REQUEST, terms(8)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(server.address(), "claim " + other, "memory is full", "(OOM)");
            assertThat(store.find(other)).isEmpty();
            assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
            assertThatThrownBy(() -> store.complete(ticket, bytes("paid"), DAY)).hasMessageContaining("(OOM)");
            server.ask(redis -> redis.configSet("maxmemory", "0"));
            assertThat(store.complete(ticket, bytes("paid"), DAY)).isTrue();
        }
    }

    @Test
    void a_server_with_too_few_replicas_of_its_own_accord_is_told_of() {
        try (RedisServer server = new RedisServer("min-replicas-to-write 1");
                RedisStore store = server.store().open()) {
            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .hasMessageContainingAll(server.address(), "min-replicas-to-write", "(NOREPLICAS)");
        }
    }

    @Test
    void a_node_of_a_cluster_that_is_not_made_is_told_of() {
        try (RedisServer server = new RedisServer("cluster-enabled yes");
                RedisStore store = server.store().open()) {
            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .hasMessageContainingAll(server.address(), "no master for the slot", "(CLUSTERDOWN)");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "LOADING Redis is loading the dataset in memory,it is loading its data,LOADING",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.,lost its master,MASTERDOWN",
        "READONLY You can't write against a read only replica.,it is a replica,READONLY",
        "CLUSTERDOWN The cluster is down,no master for the slot,CLUSTERDOWN",
        "MISCONF Redis is configured to save RDB snapshots,cannot save,MISCONF",
        "BUSY Redis is busy running a script.,a script of somebody else,BUSY",
        "NOAUTH Authentication required.,asks for credentials,NOAUTH",
        "MOVED 866 10.0.0.1:6379,node of a cluster,MOVED",
        "ASK 866 10.0.0.1:6379,is moving,ASK",
        "ERR Error running script (call to f_ab): @user_script:9: @user_script: 9: -READONLY You can't write,it is a replica,READONLY",
        "OOM command not allowed when used memory > 'maxmemory'. script: ab,memory is full,OOM"
    })
    void each_refusal_says_what_it_is(String said, String meaning, String code) {
        for (RuntimeException cause :
                List.of(new RedisCommandExecutionException(said), new RedisLoadingException(said))) {
            assertThat(Faults.of("10.0.0.1:6379", "claim x", cause))
                    .hasMessageStartingWith("Redis at 10.0.0.1:6379 could not claim x: ")
                    .hasMessageContaining(meaning)
                    .hasMessageEndingWith("(" + code + ")")
                    .hasCause(cause);
        }
    }

    @Test
    void a_refusal_that_is_not_known_is_passed_on() {
        assertThat(Faults.of("h:1", "claim x", new RedisCommandExecutionException("ERR invalid BUSYKEY thing")))
                .hasMessage("Redis at h:1 could not claim x: ERR invalid BUSYKEY thing");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_server_that_accepts_and_never_answers_is_given_up(boolean cluster) throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + mute.getLocalPort();
            RedisStore.Builder store = RedisStore.builder("redis://:geheim@" + address)
                    .cluster(cluster)
                    .timeout(Duration.ofMillis(200));

            assertThatThrownBy(store::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(address)
                    .satisfies(RedisFaultsTest::hasNoSecret);
        }
    }

    @Test
    void a_server_that_hangs_later_is_given_up_by_each_call() {
        try (RedisServer server = new RedisServer();
                Wire wire = new Wire(server.port());
                RedisStore store = RedisStore.builder("redis://" + wire.address())
                        .timeout(Duration.ofMillis(200))
                        .open()) {
            granted(store.claim(key(), REQUEST, terms(7)));
            wire.hold();

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Redis at " + wire.address() + " could not claim " + key
                            + ": it has not answered within 200 ms; it is hung, overloaded or cut off, and may still carry"
                            + " it out");
            assertThatThrownBy(() -> store.complete(new Ticket(key, 7, 1), NOTHING, DAY))
                    .hasMessageContaining("within 200 ms");
            wire.letGo();
            RedisServer.await(() -> answers(store));
            granted(store.claim(key, REQUEST, terms(7)));
        }
    }

    @Test
    void an_interrupted_thread_stays_interrupted() {
        try (RedisServer server = new RedisServer();
                Wire wire = new Wire(server.port());
                RedisStore store =
                        RedisStore.builder("redis://" + wire.address()).open()) {
            wire.hold();
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("interrupted", wire.address());
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void a_server_that_is_not_there_is_named() {
        String address = "127.0.0.1:" + RedisServer.freePort();

        for (boolean cluster : new boolean[] {false, true}) {
            assertThatThrownBy(
                            RedisStore.builder("redis://app:geheim@" + address).cluster(cluster)::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(address)
                    .satisfies(RedisFaultsTest::hasNoSecret);
        }
    }

    @Test
    void credentials_that_are_wrong_or_missing_are_told_of_and_not_shown() {
        try (RedisServer server = new RedisServer("requirepass richtig")) {
            assertThatThrownBy(RedisStore.builder("redis://:geheim@" + server.address())::open)
                    .hasMessageContainingAll(server.address(), "(WRONGPASS)")
                    .satisfies(RedisFaultsTest::hasNoSecret);
            assertThatThrownBy(server.store()::open).hasMessageContainingAll(server.address(), "(NOAUTH)");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://:geheim@",
                "http://:geheim@host",
                "redis://user:ge heim@host",
                "redis://user:geheim#heim@host",
                "redis://user:geheim?heim@host",
                "redis://user:geheim/heim@host",
                "redis://user:geheim@heim@host",
                "redis://user:12#geheim@host",
                "redis://user:geheim@host:port",
                "redis-sentinel://:geheim@host:port#master",
                "geheim",
                ""
            })
    void a_uri_that_cannot_be_read_is_not_shown(String uri) {
        assertThatThrownBy(RedisStore.builder(uri)::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected redis://")
                .satisfies(thrown -> assertThat(trace(thrown)).doesNotContain("geheim", "ge heim"));
    }

    private static void hasNoSecret(Throwable thrown) {
        assertThat(trace(thrown)).doesNotContain("geheim");
    }

    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    @Test
    void a_closed_store_says_so() {
        try (RedisServer server = new RedisServer()) {
            RedisStore store = server.store().open();
            store.close();
            store.close();

            assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(server.address(), "closed");
        }
    }

    @Test
    void all_that_is_set_wrong_is_told_at_once() {
        assertThatThrownBy(RedisStore.builder("redis://host")
                        .prefix("")
                        .timeout(Duration.ZERO)
                        .replicas(-1, Duration.ofHours(2))::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "the prefix is empty",
                        "the time-out is PT0S",
                        "the number of replicas is -1",
                        "the time-out for replicas is PT2H");
    }
}
