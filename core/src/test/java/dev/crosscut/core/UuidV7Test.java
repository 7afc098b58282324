package dev.crosscut.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Version 7 of RFC 9562: what sorts, what is random, and what no clock and no number of threads can break. */
@Guarantees
class UuidV7Test {

    private static final long NOW = 1_763_942_400_000L;

    private final AtomicLong clock = new AtomicLong(NOW);
    private final UuidV7 generator = new UuidV7(clock::get);

    private static long millis(String id) {
        return UUID.fromString(id).getMostSignificantBits() >>> 16;
    }

    @Test
    void the_text_is_canonical_and_says_version_7_and_variant_2() {
        for (int i = 0; i < 10_000; i++) {
            String id = generator.next();
            UUID uuid = UUID.fromString(id);
            assertThat(uuid).hasToString(id);
            assertThat(uuid.version()).isEqualTo(7);
            assertThat(uuid.variant()).isEqualTo(2);
        }
    }

    @Test
    void the_timestamp_is_the_millisecond_of_its_making() {
        assertThat(millis(generator.next())).isEqualTo(NOW);
        clock.set(NOW + 1);
        assertThat(millis(generator.next())).isEqualTo(NOW + 1);
        clock.set((1L << 48) - 1);
        assertThat(millis(generator.next())).isEqualTo((1L << 48) - 1);

        long before = System.currentTimeMillis();
        String real = Correlation.newId();
        assertThat(millis(real)).isBetween(before, System.currentTimeMillis() + 60_000);
    }

    @Test
    void ids_sort_by_the_time_of_their_making_within_a_millisecond_and_beyond_what_fits_into_one() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3 * 4096; i++) {
            ids.add(generator.next());
        }
        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(millis(ids.get(4095))).isEqualTo(NOW);
        assertThat(millis(ids.get(4096))).as("ahead of the clock").isEqualTo(NOW + 1);
        clock.set(NOW + 10);
        assertThat(millis(generator.next())).as("caught up with").isEqualTo(NOW + 10);
    }

    @Test
    void ids_sort_also_when_the_clock_is_set_back() {
        List<String> ids = new ArrayList<>();
        for (int step = 0; step < 1_000; step++) {
            clock.set(NOW + (step % 7) * 5_000L - step * 100L);
            ids.add(generator.next());
        }

        assertThat(ids).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void ids_of_many_threads_are_unique_and_sorted_for_each_of_them() {
        int threads = 8;
        int each = 50_000;
        String[][] ids = new String[threads][each];

        Races.together(threads, thread -> {
            for (int i = 0; i < each; i++) {
                ids[thread][i] = UuidV7.GENERATOR.next();
            }
        });

        for (String[] own : ids) {
            String[] sorted = own.clone();
            Arrays.sort(sorted);
            assertThat(own).isEqualTo(sorted);
        }
        assertThat(Arrays.stream(ids).flatMap(Arrays::stream).distinct().count())
                .isEqualTo((long) threads * each);
    }

    @Test
    void two_generators_started_in_the_same_instant_do_not_repeat_each_other() {
        UuidV7 twin = new UuidV7(clock::get);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(generator.next());
            ids.add(twin.next());
        }
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void each_random_bit_is_set_about_half_the_time() {
        int[] set = new int[62];
        int times = 20_000;
        for (int i = 0; i < times; i++) {
            long low = UUID.fromString(generator.next()).getLeastSignificantBits();
            for (int bit = 0; bit < 62; bit++) {
                set[bit] += (int) (low >>> bit & 1);
            }
        }
        // seven standard deviations: one run in ten billion would fail by chance
        double slack = 7 * Math.sqrt(times) / 2;
        for (int bit = 0; bit < 62; bit++) {
            assertThat(set[bit]).as("bit %d", bit).isBetween((int) (times / 2.0 - slack), (int) (times / 2.0 + slack));
        }
    }
}
