package dev.crosscut.idempotency.redis;

import static dev.crosscut.idempotency.redis.Keys.DAY;
import static dev.crosscut.idempotency.redis.Keys.REQUEST;
import static dev.crosscut.idempotency.redis.Keys.bytes;
import static dev.crosscut.idempotency.redis.Keys.key;
import static dev.crosscut.idempotency.redis.Keys.terms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Plugin;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.core.Source;
import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.StoreProvider;
import dev.crosscut.idempotency.Ticket;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a store is opened: by settings, by a client, by a connection; and what it closes. */
class RedisStoreProviderTest {

    private static final String PREFIX = "crosscut.idempotency.redis.";

    private static RedisServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        RedisStoreProviderTest.class.getModule().addUses(StoreProvider.class); // as whoever opens stores does
        server = new RedisServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Declares what the provider reads, as the plugin of idempotency does. */
    private record Reader(StoreProvider provider) implements Plugin {
        @Override
        public String name() {
            return "idempotency";
        }

        @Override
        public List<Setting<?>> settings() {
            return provider.settings();
        }

        @Override
        public void install(Crosscut.Builder builder, Settings settings) {}
    }

    private static StoreProvider provider() {
        return ServiceLoader.load(StoreProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("redis"))
                .findFirst()
                .orElseThrow();
    }

    private static Settings read(Map<String, String> values) {
        Map<String, String> keyed = new HashMap<>();
        values.forEach((name, value) -> keyed.put(PREFIX + name, value));
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new Reader(provider()))
                .source(Source.of("test", keyed))
                .build()) {
            return crosscut.settings();
        }
    }

    @Test
    void settings_open_the_store_that_the_service_loader_finds() {
        Settings settings = read(Map.of("uri", server.uri(), "prefix", "orders:", "timeout", "5s"));
        RecordKey key = key();
        try (IdempotencyStore store = provider().open(settings)) {
            assertThat(store.claim(key, REQUEST, terms(7))).isInstanceOf(Claim.Granted.class);
        }

        assertThat(server.number(redis -> redis.exists("orders:" + key))).isEqualTo(1);
    }

    @Test
    void settings_make_the_store_wait_for_replicas() {
        Settings settings =
                read(Map.of("uri", server.uri(), "wait-replicas", "2", "wait-timeout", "20ms", "cluster", "false"));
        try (IdempotencyStore store = provider().open(settings)) {
            assertThatThrownBy(() -> store.claim(key(), REQUEST, terms(7)))
                    .hasMessageContaining("0 of 2 replicas had it within 20 ms");
        }
    }

    @Test
    void without_a_uri_nothing_opens_and_the_setting_is_named() {
        assertThatThrownBy(() -> provider().open(read(Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crosscut.idempotency.redis.uri is not set; expected");
    }

    @Test
    void the_uri_is_never_described() {
        Settings settings = read(Map.of("uri", "redis://:geheim@127.0.0.1:1"));

        assertThat(String.join("\n", settings.describe()))
                .contains(PREFIX + "uri")
                .doesNotContain("geheim");
        assertThatThrownBy(() -> provider().open(settings))
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void what_is_set_wrong_is_told_all_at_once() {
        assertThatThrownBy(() -> read(Map.of(
                        "prefix", "", "timeout", "0s", "wait-replicas", "-1", "wait-timeout", "2h", "cluster", "yes")))
                .hasMessageContainingAll(
                        PREFIX + "prefix",
                        PREFIX + "timeout",
                        PREFIX + "wait-replicas",
                        PREFIX + "wait-timeout",
                        PREFIX + "cluster");
    }

    @Test
    void a_password_that_rotates_is_read_with_the_next_connection() throws IOException {
        try (RedisServer guarded = new RedisServer("user app on >old ~* +@all")) {
            Path file = Files.writeString(folder.resolve("uri"), "redis://app:old@" + guarded.address());
            try (IdempotencyStore store = provider().open(read(Map.of("uri.file", file.toString())))) {
                RecordKey key = key();
                Ticket ticket = ((Claim.Granted) store.claim(key, REQUEST, terms(7))).ticket();
                guarded.ask(redis -> redis.aclSetuser(
                        "app", AclSetuserArgs.Builder.resetpass().addPassword("new")));
                Files.writeString(file, "redis://app:new@" + guarded.address() + "\n");
                // Looked at once a second.
                RedisServer.await(() -> {
                    guarded.ask(redis ->
                            redis.clientKill(KillArgs.Builder.typeNormal().skipme()));
                    return completes(store, ticket);
                });
            }
        }
    }

    private static boolean completes(IdempotencyStore store, Ticket ticket) {
        try {
            Thread.sleep(50);
            return store.complete(ticket, bytes("paid"), DAY);
        } catch (IllegalStateException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_client_and_a_connection_of_the_application_stay_open_and_are_named_where_they_lead() {
        RedisClient client = RedisClient.create(server.uri());
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            for (RedisStore.Builder builder : List.of(RedisStore.builder(client), RedisStore.builder(connection))) {
                RecordKey key = key();
                RedisStore store = builder.open();
                assertThat(store.claim(key, REQUEST, terms(7))).isInstanceOf(Claim.Granted.class);
                store.close();

                assertThatThrownBy(() -> store.claim(key, REQUEST, terms(7)))
                        .hasMessageContainingAll(server.address(), "closed");
                assertThat(connection.sync().ping()).isEqualTo("PONG");
            }
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void what_the_guide_shows_opens_a_store() {
        int port = server.port();
        RecordKey key = key();
        RedisStore store = RedisStore.builder("redis://127.0.0.1:" + port)
                .timeout(Duration.ofMillis(500))
                .open();
        store.close();
        RedisClient client = RedisClient.create(server.uri());
        try (RedisStore payments = payments(client)) {
            assertThat(payments.claim(key, REQUEST, terms(7))).isInstanceOf(Claim.Granted.class);
            assertThat(server.number(redis -> redis.exists("payments:" + key))).isEqualTo(1);
        } finally {
            client.shutdown(0, 1, TimeUnit.SECONDS);
        }
    }

    private static RedisStore payments(RedisClient client) {
        RedisStore store = RedisStore.builder(client).prefix("payments:").open();
        return store;
    }

    @Test
    void a_store_that_is_closed_leaves_no_connection() {
        server.store().open().close();
        server.store().replicas(1, Duration.ofMillis(20)).open().close();

        RedisServer.await(() -> server.text(redis -> redis.clientList()).lines().count() == 1);
    }

    @Test
    void a_store_that_does_not_open_leaves_no_connection() {
        try (RedisServer replica = new RedisServer("replicaof 127.0.0.1 " + RedisServer.freePort())) {
            assertThatThrownBy(replica.store()::open).hasMessageContaining("is a replica");

            RedisServer.await(
                    () -> replica.text(redis -> redis.clientList()).lines().count() == 1);
        }
    }
}
