package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.NOTHING;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.name;
import static dev.crosscut.idempotency.redis.Keys.over;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.RecordInfo.State;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records on a cluster of three masters, of which the first has a replica. */
@Timeout(60)
class RedisClusterTest {

    private static final int SLOTS = 16384;
    private static final int MASTERS = 3;
    private static final List<RedisServer> NODES = new ArrayList<>();

    @BeforeAll
    static void start() {
        for (int i = 0; i <= MASTERS; i++) {
            NODES.add(new RedisServer(
                    "cluster-enabled yes", "cluster-node-timeout 2000", "maxmemory-policy volatile-lru"));
        }
        for (int i = 0; i < MASTERS; i++) {
            int[] slots = IntStream.range(SLOTS * i / MASTERS, SLOTS * (i + 1) / MASTERS)
                    .toArray();
            int epoch = i + 1;
            NODES.get(i).ask(redis -> redis.clusterAddSlots(slots) + redis.clusterSetConfigEpoch(epoch));
        }
        for (RedisServer node : NODES.subList(1, NODES.size())) {
            NODES.get(0).ask(redis -> redis.clusterMeet("127.0.0.1", node.port()));
        }
        String first = NODES.get(0).text(redis -> redis.clusterMyId());
        RedisServer replica = NODES.get(MASTERS);
        RedisServer.await(() -> replica.text(redis -> redis.clusterNodes()).contains(first));
        replica.ask(redis -> redis.clusterReplicate(first));
        RedisServer.await(() -> NODES.stream()
                .allMatch(node -> node.text(redis -> redis.clusterInfo()).contains("cluster_state:ok")
                        && node.text(redis -> redis.clusterNodes()).contains("slave " + first)));
        RedisServer.await(
                () -> NODES.get(0).text(redis -> redis.info("replication")).contains("state=online"));
    }

    private final Log log = new Log();

    @AfterEach
    void closeLog() {
        log.close();
    }

    @AfterAll
    static void stop() {
        NODES.forEach(RedisServer::close);
    }

    private static RedisStore.Builder store() {
        return RedisStore.builder(NODES.get(1).uri()).cluster(true);
    }

    /** A key in a slot of one of the masters. */
    private static RecordKey keyOn(int master) {
        RecordKey key = key();
        while (SlotHash.getSlot(name(key)) * MASTERS / SLOTS != master) {
            key = key();
        }
        return key;
    }

    private static Ticket granted(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.Granted.class);
        return ((Claim.Granted) claim).ticket();
    }

    @Test
    void records_on_every_server_go_through_all_states() {
        try (RedisStore store = store().prefix("states:").open()) {
            for (int i = 0; i < 60; i++) {
                RecordKey key = key();
                Ticket ticket = granted(store.claim(key, REQUEST, terms(7)));
                assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
                assertThat(store.renew(ticket, Duration.ZERO, bytes("half"))).isTrue();
                assertThat(store.claim(key, REQUEST, terms(8))).isEqualTo(new Claim.Abandoned(REQUEST, ticket));
                Ticket second = granted(store.claim(key, REQUEST, over(ticket, 8)));
                assertThat(store.complete(ticket, bytes("zombie"), DAY)).isFalse();
                if (i % 3 == 0) {
                    assertThat(store.release(second)).isTrue();
                    assertThat(store.find(key)).isPresent();
                } else {
                    assertThat(store.complete(second, bytes("paid"), DAY)).isTrue();
                    assertThat(store.claim(key, REQUEST, terms(9))).isInstanceOf(Claim.Done.class);
                }
            }

            assertThat(store.count())
                    .as("on all masters, and on no replica")
                    .isEqualTo(Map.of(State.RUNNING, 0L, State.ABANDONED, 0L, State.DONE, 40L, State.RELEASED, 20L));
            for (RedisServer node : NODES.subList(0, MASTERS)) {
                assertThat(node.number(redis -> (long) redis.keys("states:*").size()))
                        .isPositive();
            }
        }
    }

    @Test
    void every_master_that_evicts_keys_is_in_the_one_warning() {
        store().open().close();

        assertThat(log.at(Level.WARNING))
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains(
                                NODES.get(0).address() + " (volatile-lru)",
                                NODES.get(1).address() + " (volatile-lru)",
                                NODES.get(2).address() + " (volatile-lru)"));
    }

    @Test
    void a_node_that_is_used_as_a_server_of_its_own_is_told_of() {
        RecordKey elsewhere = keyOn(0);
        try (RedisStore store = NODES.get(1).store().open();
                RedisStore waiting =
                        NODES.get(1).store().replicas(1, Duration.ofMillis(50)).open()) {
            assertThatThrownBy(() -> store.claim(elsewhere, REQUEST, terms(7)))
                    .hasMessageContainingAll(NODES.get(1).address(), "crosscut.idempotency.redis.cluster=true");
            assertThatThrownBy(() -> waiting.claim(elsewhere, REQUEST, terms(7)))
                    .hasMessageContaining("crosscut.idempotency.redis.cluster=true");
        }
    }

    @Test
    void the_replicas_that_are_waited_for_are_those_of_the_server_that_has_the_key() {
        RecordKey replicated = keyOn(0);
        RecordKey alone = keyOn(2);
        try (RedisStore store = store().replicas(1, Duration.ofMillis(200)).open()) {
            Ticket ticket = granted(store.claim(replicated, REQUEST, terms(7)));
            assertThat(store.complete(ticket, bytes("paid"), DAY)).isTrue();

            assertThatThrownBy(() -> store.claim(alone, REQUEST, terms(7)))
                    .hasMessageContainingAll("Redis at " + NODES.get(2).address(), "claim " + alone, "0 of 1 replicas");
            assertThat(store.find(alone))
                    .get()
                    .satisfies(info -> assertThat(info.state()).isEqualTo(State.RELEASED));
        }
    }

    @Test
    void a_slot_that_has_moved_is_found() {
        RecordKey key = keyOn(2);
        int slot = SlotHash.getSlot(name(key));
        String target = NODES.get(0).text(redis -> redis.clusterMyId());
        String source = NODES.get(2).text(redis -> redis.clusterMyId());
        try (RedisStore store = store().open();
                RedisStore waiting = store().replicas(1, Duration.ofSeconds(5)).open()) {
            assign(slot, target);
            try {
                granted(waiting.claim(key, REQUEST, terms(7)));
                assertThat(store.claim(key, REQUEST, terms(8))).isInstanceOf(Claim.Running.class);
                assertThat(NODES.get(0).number(redis -> redis.exists(name(key))))
                        .isEqualTo(1);
            } finally {
                store.expire(key);
                assign(slot, source);
            }
        }
    }

    private static void assign(int slot, String node) {
        NODES.subList(0, MASTERS).forEach(each -> each.ask(redis -> redis.clusterSetSlotNode(slot, node)));
    }

    @Test
    void a_client_and_a_connection_of_the_application_stay_open() {
        RedisClusterClient client = RedisClusterClient.create(NODES.get(0).uri());
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            for (RedisStore.Builder builder : List.of(RedisStore.builder(client), RedisStore.builder(connection))) {
                RecordKey key = key();
                try (RedisStore store = builder.open()) {
                    assertThat(store.claim(key, REQUEST, terms(7)))
                            .isEqualTo(new Claim.Granted(new Ticket(key, 7, 1), NOTHING));
                }
                assertThat(catchThrowable(() -> connection.sync().get(name(key).getBytes(StandardCharsets.US_ASCII))))
                        .isNull();
            }
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }
}
