package dev.crosscut.metrics;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Outcome;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A meter and its series. A series is known by the numbers of its values, in the order of the keys of the convention,
 * five to a long.
 */
final class Instrument {

    private static final int PER_LONG = 5;
    private static final int LONGS = 3;
    private static final long NUMBER = (1L << Dimension.BITS) - 1;

    private final Convention convention;
    private final List<Dimension> dimensions;
    private final List<ValueSource> sources;
    private final SeriesLimit limit;
    private final Backend backend;
    private final SeriesTable series = new SeriesTable();

    Instrument(Convention convention, Map<String, Dimension> byKey, SeriesLimit limit, Backend backend) {
        if (convention.keys().size() > PER_LONG * LONGS) {
            throw new IllegalArgumentException(convention.name() + " has "
                    + convention.keys().size() + " keys; expected at most " + PER_LONG * LONGS);
        }
        this.convention = convention;
        this.dimensions = convention.keys().stream()
                .map(key -> Objects.requireNonNull(byKey.get(key), key))
                .toList();
        this.sources = convention.keys().stream().map(ValueSource::of).toList();
        this.limit = limit;
        this.backend = backend;
    }

    /** Records an amount, nanoseconds or how many, in the series of an exchange. */
    void take(Exchange exchange, Outcome outcome, long amount) {
        long first = numbers(exchange, outcome, 0);
        long second = numbers(exchange, outcome, PER_LONG);
        long third = numbers(exchange, outcome, 2 * PER_LONG);
        Series known = series.find(first, second, third);
        (known == null ? added(first, second, third) : known).take(amount);
    }

    /** The numbers of the values of five keys, from this one on. */
    private long numbers(Exchange exchange, Outcome outcome, int from) {
        long numbers = 0;
        int end = Math.min(from + PER_LONG, dimensions.size());
        for (int i = from; i < end; i++) {
            Dimension dimension = dimensions.get(i);
            int number = dimension.of(sources.get(i).value(dimension.key(), exchange, outcome));
            numbers |= (long) number << ((i - from) * Dimension.BITS);
        }
        return numbers;
    }

    private Series added(long first, long second, long third) {
        if (limit.take()) {
            Series added = new Series(this, first, second, third);
            Series present = series.add(added);
            if (present != added) {
                limit.giveBack();
            }
            return present;
        }
        limit.over(convention);
        return other(withOther(first, 0), withOther(second, PER_LONG), withOther(third, 2 * PER_LONG));
    }

    /** These are beyond the limit, and as few as the combinations of values that were declared. */
    private Series other(long first, long second, long third) {
        Series known = series.find(first, second, third);
        return known == null ? series.add(new Series(this, first, second, third)) : known;
    }

    private long withOther(long numbers, int from) {
        long changed = numbers;
        int end = Math.min(from + PER_LONG, dimensions.size());
        for (int i = from; i < end; i++) {
            if (dimensions.get(i).isOpen()) {
                int shift = (i - from) * Dimension.BITS;
                changed = (changed & ~(NUMBER << shift)) | ((long) Dimension.OTHER << shift);
            }
        }
        return changed;
    }

    Tags tags(Series of) {
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < dimensions.size(); i++) {
            long numbers = i < PER_LONG ? of.first : i < 2 * PER_LONG ? of.second : of.third;
            int number = (int) ((numbers >>> (i % PER_LONG * Dimension.BITS)) & NUMBER);
            tags.add(Tag.of(dimensions.get(i).key(), dimensions.get(i).text(number)));
        }
        return Tags.of(tags);
    }

    Convention convention() {
        return convention;
    }

    Backend backend() {
        return backend;
    }
}
