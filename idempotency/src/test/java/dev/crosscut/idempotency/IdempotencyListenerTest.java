package dev.crosscut.idempotency;

import static dev.crosscut.idempotency.World.charge;
import static dev.crosscut.idempotency.World.crashed;
import static dev.crosscut.idempotency.World.eventually;
import static dev.crosscut.idempotency.World.key;
import static dev.crosscut.idempotency.World.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crosscut.idempotency.FaultyStore.Call;
import dev.crosscut.idempotency.IdempotencyException.Reason;
import dev.crosscut.idempotency.IdempotencyListener.Event;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each happening is told once, and whoever is told changes nothing. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class IdempotencyListenerTest {

    @RegisterExtension
    final World world = new World();

    private final FaultyStore store = world.store;

    /** One of each happening, on keys of their own; returns what each is to be told. */
    private static Map<Event, Long> everything(World world, Idempotency process) throws Exception {
        FaultyStore store = world.store;
        IdempotentOperation operation = process.operation("charge");
        operation.key("executed").once(String.class, world::effect);
        operation.key("executed").once(String.class, world::effect);
        assertThat(reason(() ->
                        operation.key("executed").fingerprint(new byte[] {9}).once(String.class, world::effect)))
                .isEqualTo(Reason.MISMATCH);
        operation.key("conflict").once(String.class, run -> {
            assertThat(reason(() -> operation.key("conflict").once(String.class, world::effect)))
                    .isEqualTo(Reason.IN_FLIGHT);
            return "";
        });
        assertThatThrownBy(() -> operation.key("unknown").once(String.class, run -> {
                    throw new IllegalStateException("given up");
                }))
                .hasMessage("given up");
        assertThat(reason(() -> operation.key("unknown").once(String.class, world::effect)))
                .isEqualTo(Reason.OUTCOME_UNKNOWN);
        operation.key("unknown").onAbandoned(OnAbandoned.RE_EXECUTE).once(String.class, world::effect);
        assertThatThrownBy(() -> operation
                        .key("released")
                        .releaseOn(failure -> true)
                        .once(String.class, run -> {
                            throw new IllegalStateException("released");
                        }))
                .hasMessage("released");
        assertThat(reason(() -> operation.key("lost").once(String.class, run -> {
                    store.expire(run.request().key());
                    return "";
                })))
                .isEqualTo(Reason.LEASE_LOST);
        operation.key("text").once(String.class, run -> "text");
        assertThat(reason(() -> operation.key("text").once(Integer.class, run -> 1)))
                .isEqualTo(Reason.NOT_REPLAYABLE);
        store.failBefore(Call.CLAIM, number -> number == 1);
        operation.key("store failed").once(String.class, world::effect);
        store.failBefore(Call.CLAIM, number -> false);

        Map<Event, Long> told = new EnumMap<>(Event.class);
        for (Event event : Event.values()) {
            told.put(event, 1L);
        }
        told.put(Event.EXECUTED, 7L);
        told.put(Event.REPLAYED, 2L);
        return told;
    }

    @Test
    void each_happening_is_told_once_and_counted_by_its_name() throws Exception {
        EventCounts counts = new EventCounts();
        Map<String, LongSupplier> meters = new HashMap<>();
        counts.forEach(meters::put);
        Map<Event, Long> expected = everything(world, world.process(builder -> builder.listener(counts)));

        for (Event event : Event.values()) {
            String meter = "crosscut.idempotency." + event.name().toLowerCase(Locale.ROOT);
            assertThat(meters.get(meter).getAsLong()).as(meter).isEqualTo(expected.get(event));
        }
        assertThat(meters).hasSameSizeAs(Event.values());
    }

    @Test
    void a_listener_that_throws_whatever_it_throws_changes_nothing_and_the_others_are_told() throws Exception {
        for (Throwable fault : List.of(
                new IllegalStateException("listener"),
                new AssertionError("listener"),
                new StackOverflowError("listener"))) {
            World other = new World();
            EventCounts counts = new EventCounts();
            Idempotency process = other.process(builder ->
                    builder.listener((event, name, key) -> sneak(fault)).listener(counts));
            Map<String, LongSupplier> meters = new HashMap<>();
            counts.forEach(meters::put);
            Map<Event, Long> expected = everything(other, process);
            expected.forEach((event, count) -> assertThat(
                            meters.get("crosscut.idempotency." + event.name().toLowerCase(Locale.ROOT))
                                    .getAsLong())
                    .isEqualTo(count));
            assertThat(process.engine.owned()).isZero();
            other.afterEach(null);
        }
        assertThat(world.log).anyMatch(line -> line.startsWith("a listener of idempotency keys failed at EXECUTED"));
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable fault) throws E {
        throw (E) fault;
    }

    @Test
    void a_listener_is_told_the_operation_and_the_hashed_key() {
        List<String> told = new ArrayList<>();
        Idempotency process = world.process(
                builder -> builder.listener((event, name, key) -> told.add(event + " " + name + " " + key)));
        charge(process).once(String.class, world::effect);
        assertThat(told).containsExactly("EXECUTED charge " + key());
    }

    @Test
    void a_loss_is_told_once_however_often_it_is_found() {
        IdempotentRun run = crashed(world.here);
        store.expire(key());
        world.leaseIsOver();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(run::checkOwned).isInstanceOf(IdempotencyException.class);
        }
        run.complete(OutcomeFormat.Kind.VALUE, new byte[0]);
        run.giveUp();
        run.release();
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.LOST);
    }

    @Test
    void a_completion_that_fails_again_and_again_is_told_once() throws Exception {
        store.failBefore(Call.COMPLETE, number -> number <= 4);
        world.charge().once(String.class, world::effect);
        eventually(() -> world.here.engine.pending() == 0, "stored");
        assertThat(world.events).containsExactly(Event.EXECUTED, Event.STORE_FAILED);
    }
}
