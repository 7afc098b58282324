package dev.crosscut.logging;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Instants as text of one width, in UTC to the microsecond: {@code 2026-11-23T10:15:30.000042Z}, so that lines sort by
 * it. The text of the last second is kept.
 */
final class Timestamps {

    private static final DateTimeFormatter TO_THE_SECOND =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'.'").withZone(ZoneOffset.UTC);

    private static final class Second {

        final long epochSecond;
        final byte[] text;

        Second(Instant instant) {
            this.epochSecond = instant.getEpochSecond();
            this.text = TO_THE_SECOND.format(instant).getBytes(StandardCharsets.US_ASCII);
        }
    }

    private volatile Second last = new Second(Instant.EPOCH);

    void append(Instant instant, LineBuffer line) {
        Second second = last;
        if (second.epochSecond != instant.getEpochSecond()) {
            second = new Second(instant);
            last = second;
        }
        line.raw(second.text);
        line.digits(instant.getNano() / 1000, 6);
        line.write('Z');
    }
}
