package dev.crosscut.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.crosscut.core.Secret;
import dev.crosscut.idempotency.OutcomeFormat.Content;
import dev.crosscut.idempotency.OutcomeFormat.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of an outcome, whole, damaged, moved, and under other keys. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OutcomeFormatTest {

    private static final RecordKey KEY = RecordKey.of("charge", List.of("acme"), "k1");
    private static final RecordKey OTHER = RecordKey.of("charge", List.of("acme"), "k2");
    private static final byte[] TEXT =
            "{\"id\":\"r1\",\"text\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"
                    .getBytes(StandardCharsets.UTF_8);
    private static final Secret OLD = secret(16, 1);
    private static final Secret NEW = secret(32, 2);

    /** Each way in which an outcome is kept. */
    enum Way {
        PLAIN,
        DEFLATED,
        ENCRYPTED,
        BOTH;

        OutcomeFormat format() {
            int compressAbove = this == DEFLATED || this == BOTH ? 0 : Integer.MAX_VALUE;
            return this == ENCRYPTED || this == BOTH
                    ? new OutcomeFormat(compressAbove, Optional.of("old"), Map.of("old", OLD))
                    : new OutcomeFormat(compressAbove, Optional.empty(), Map.of());
        }
    }

    private static Secret secret(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return Secret.of(Base64.getEncoder().encodeToString(bytes));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void unreadable(OutcomeFormat format, RecordKey key, byte[] stored, String what) {
        assertThatThrownBy(() -> format.read(key, ByteBuffer.wrap(stored)))
                .as(what)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    // whole

    @ParameterizedTest
    @EnumSource
    void whatever_is_kept_is_read_again(Way way) {
        for (Kind kind : Kind.values()) {
            for (byte[] content : List.of(new byte[0], new byte[1], TEXT, random(5000), new byte[100_000])) {
                ByteBuffer stored = way.format().write(KEY, kind, content);
                Content read = way.format().read(KEY, stored.asReadOnlyBuffer());
                assertThat(read.kind).isEqualTo(kind);
                assertThat(read.bytes).isEqualTo(content);
                assertThat(stored.remaining()).as("read without moving on").isPositive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_outcome_within_a_larger_buffer_is_read_as_well(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.VALUE, TEXT));
        ByteBuffer larger = ByteBuffer.allocateDirect(stored.length + 20);
        larger.position(7).put(stored).flip().position(7);
        assertThat(way.format().read(KEY, larger).bytes).isEqualTo(TEXT);
    }

    @Test
    void only_what_is_long_enough_and_gets_shorter_is_deflated() {
        OutcomeFormat format = new OutcomeFormat(TEXT.length - 1, Optional.empty(), Map.of());
        assertThat(format.write(KEY, Kind.VALUE, TEXT).remaining()).isLessThan(TEXT.length);
        assertThat(format.write(KEY, Kind.VALUE, Arrays.copyOf(TEXT, TEXT.length - 1))
                        .remaining())
                .isEqualTo(TEXT.length - 1 + 7);
        assertThat(format.write(KEY, Kind.VALUE, random(5000)).remaining())
                .as("not deflated")
                .isEqualTo(5007);
    }

    @Test
    void what_is_encrypted_shows_nothing_of_its_content_and_is_another_each_time() {
        String stored =
                new String(bytes(Way.ENCRYPTED.format().write(KEY, Kind.VALUE, TEXT)), StandardCharsets.ISO_8859_1);
        assertThat(stored).contains("old").doesNotContain("aaaa").doesNotContain("r1");
        assertThat(bytes(Way.ENCRYPTED.format().write(KEY, Kind.VALUE, TEXT)))
                .isNotEqualTo(bytes(Way.ENCRYPTED.format().write(KEY, Kind.VALUE, TEXT)));
    }

    // damaged

    @ParameterizedTest
    @EnumSource
    void each_beginning_of_an_outcome_is_told_from_the_whole(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.VALUE, TEXT));
        for (int length = 0; length < stored.length; length++) {
            unreadable(way.format(), KEY, Arrays.copyOf(stored, length), length + " bytes");
        }
        unreadable(way.format(), KEY, Arrays.copyOf(stored, stored.length + 1), "one more byte");
    }

    @ParameterizedTest
    @EnumSource(names = {"ENCRYPTED", "BOTH"})
    void each_bit_that_flips_is_found_where_outcomes_are_encrypted(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.VALUE, TEXT));
        for (int bit = 0; bit < 8 * stored.length; bit++) {
            byte[] flipped = stored.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            unreadable(way.format(), KEY, flipped, "bit " + bit);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatever_bytes_there_are_they_are_read_or_refused_with_a_reason(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.VALUE, TEXT));
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            byte[] damaged = Arrays.copyOf(stored, random.nextInt(stored.length + 10));
            for (int hits = random.nextInt(4); hits >= 0 && damaged.length > 0; hits--) {
                damaged[random.nextInt(Math.min(damaged.length, 40))] = (byte) random.nextInt();
            }
            try {
                way.format().read(KEY, ByteBuffer.wrap(damaged));
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("expected");
            }
        }
    }

    @Test
    void a_length_that_is_a_lie_takes_no_memory() {
        byte[] stored = bytes(Way.DEFLATED.format().write(KEY, Kind.VALUE, TEXT));
        for (int lie :
                new int[] {Integer.MAX_VALUE, 1 << 30, -1, Integer.MIN_VALUE, 0, TEXT.length - 1, TEXT.length + 1}) {
            byte[] lying = stored.clone();
            ByteBuffer.wrap(lying).putInt(3, lie);
            long before = allocated();
            unreadable(Way.DEFLATED.format(), KEY, lying, "length " + lie);
            assertThat(allocated() - before).as("allocated for length %s", lie).isLessThan(1 << 20);
        }
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"02010000000000", "00010000000000", "01050000000000", "01000000000000", "01010400000000"})
    void what_a_newer_release_wrote_is_refused_as_such(String hex) {
        byte[] stored = HexFormat.of().parseHex(hex);
        assertThatThrownBy(() -> Way.PLAIN.format().read(KEY, ByteBuffer.wrap(stored)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".*it (is|has) (of )?(format|kind|flags) \\d+; expected .*newer release.*");
    }

    // moved

    @ParameterizedTest
    @EnumSource(names = {"ENCRYPTED", "BOTH"})
    void an_encrypted_outcome_is_of_one_record_only(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.VALUE, TEXT));
        assertThatThrownBy(() -> way.format().read(OTHER, ByteBuffer.wrap(stored)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not decrypt with the key old")
                .hasMessageContaining("an outcome of this record, unchanged");
    }

    @ParameterizedTest
    @EnumSource(names = {"ENCRYPTED", "BOTH"})
    void progress_cannot_be_made_an_outcome(Way way) {
        byte[] stored = bytes(way.format().write(KEY, Kind.PROGRESS, TEXT));
        stored[1] = bytes(way.format().write(KEY, Kind.VALUE, TEXT))[1];
        unreadable(way.format(), KEY, stored, "progress as a value");
    }

    // keys

    @Test
    void after_a_rotation_the_old_key_still_reads_and_the_new_one_writes() {
        ByteBuffer before = Way.ENCRYPTED.format().write(KEY, Kind.VALUE, TEXT);
        OutcomeFormat rotated = new OutcomeFormat(0, Optional.of("new"), Map.of("old", OLD, "new", NEW));
        assertThat(rotated.read(KEY, before).bytes).isEqualTo(TEXT);

        ByteBuffer after = rotated.write(KEY, Kind.VALUE, TEXT);
        assertThat(new OutcomeFormat(0, Optional.of("new"), Map.of("new", NEW)).read(KEY, after).bytes)
                .isEqualTo(TEXT);
        assertThatThrownBy(() -> Way.ENCRYPTED.format().read(KEY, after))
                .hasMessageContaining("there is no encryption key new")
                .hasMessageContaining("crosscut.idempotency.encryption-keys.new");
    }

    @Test
    void outcomes_from_before_encryption_are_still_read() {
        assertThat(Way.ENCRYPTED.format().read(KEY, Way.PLAIN.format().write(KEY, Kind.VALUE, TEXT)).bytes)
                .isEqualTo(TEXT);
    }

    @Test
    void the_same_name_with_another_key_reads_nothing() {
        OutcomeFormat wrong = new OutcomeFormat(0, Optional.of("old"), Map.of("old", NEW));
        unreadable(wrong, KEY, bytes(Way.ENCRYPTED.format().write(KEY, Kind.VALUE, TEXT)), "another key");
    }

    @Test
    void a_key_that_is_none_is_refused_at_once_with_its_name_and_without_the_key() {
        for (String key : List.of("c2VjcmV0", "not base 64!", "")) {
            for (String active : List.of("bad", "good")) {
                assertThatThrownBy(() -> Idempotency.builder(IdempotencyStore.embedded(1000))
                                .encryption(active, Map.of("bad", Secret.of(key), "good", OLD))
                                .build())
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("the encryption key bad")
                        .hasMessageContaining("expected 16, 24 or 32 bytes in Base64")
                        .hasMessageNotContaining("c2VjcmV0")
                        .hasMessageNotContaining("not base 64!")
                        .hasNoCause();
            }
        }
    }

    @Test
    void a_key_that_is_not_there_and_names_that_do_not_fit_are_refused_at_once() {
        assertThatThrownBy(() -> new OutcomeFormat(0, Optional.of("gone"), Map.of("old", OLD)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no encryption key gone");
        for (String name : List.of("", "ä".repeat(128))) {
            assertThatThrownBy(() -> new OutcomeFormat(0, Optional.of(name), Map.of(name, OLD)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 1 to 255");
        }
        String longest = "ä".repeat(127) + "x";
        OutcomeFormat format = new OutcomeFormat(0, Optional.of(longest), Map.of(longest, OLD));
        assertThat(format.read(KEY, format.write(KEY, Kind.VALUE, TEXT)).bytes).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void keys_of_each_size_that_aes_has_are_taken(int length) {
        OutcomeFormat format = new OutcomeFormat(0, Optional.of("k"), Map.of("k", secret(length, 3)));
        assertThat(format.read(KEY, format.write(KEY, Kind.REPLY, TEXT)).bytes).isEqualTo(TEXT);
    }

    // rolling upgrade

    @Test
    void what_the_first_release_wrote_is_read() throws IOException {
        Properties fixture = fixture();
        OutcomeFormat format = Way.ENCRYPTED.format();
        RecordKey key = RecordKey.parse(fixture.getProperty("record-key"));
        for (Way way : Way.values()) {
            for (Kind kind : Kind.values()) {
                String name = (way + "." + kind).toLowerCase(Locale.ROOT);
                String hex = Objects.requireNonNull(fixture.getProperty(name), name);
                Content read = format.read(key, ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
                assertThat(read.kind).as(name).isEqualTo(kind);
                assertThat(read.bytes).as(name).isEqualTo(TEXT);
            }
        }
        Steps steps = Steps.read(format, key, ByteBuffer.wrap(HexFormat.of().parseHex(fixture.getProperty("steps"))));
        assertThat(steps.find("pay")).contains("\"p1\"".getBytes(StandardCharsets.UTF_8));
        assertThat(steps.find("ship")).contains("null".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void records_fingerprints_and_downstream_keys_are_those_of_the_first_release() throws IOException {
        Properties fixture = fixture();
        assertThat(KEY).hasToString(fixture.getProperty("record-key"));
        assertThat(Fingerprint.of(new byte[] {1, 2, 3})).hasToString(fixture.getProperty("fingerprint"));
        assertThat(Fingerprint.NONE).hasToString(fixture.getProperty("no-fingerprint"));
        try (Idempotency process =
                Idempotency.builder(IdempotencyStore.embedded(1000)).build()) {
            assertThat(process.operation("charge")
                            .scope("acme")
                            .key("k1")
                            .once(String.class, run -> run.downstreamKey("psp")))
                    .isEqualTo(fixture.getProperty("downstream-key"));
        }
    }

    private Properties fixture() throws IOException {
        Properties fixture = new Properties();
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("outcome-format-1.properties"))) {
            fixture.load(in);
        }
        return fixture;
    }
}
