package dev.crosscut.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ThrowableProxy;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
@SuppressWarnings("OverrideThrowableToString") // as some exceptions do
class StackTracesTest {

    private static String text(Throwable thrown, String... settings) {
        return traces(false, settings).text(new ThrowableProxy(thrown));
    }

    private static StackTraces traces(boolean isForPeople, String... settings) {
        Map<String, String> set = new java.util.HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            set.put("crosscut.logging." + settings[i], settings[i + 1]);
        }
        return new StackTraces(CapturedLog.formatSettings(set, Map.of()), Masking.DEFAULT, isForPeople);
    }

    private static String hash(Throwable thrown) {
        return StackHash.of(new ThrowableProxy(thrown));
    }

    private static <T extends Throwable> T at(T thrown, String... frames) {
        StackTraceElement[] elements = new StackTraceElement[frames.length];
        for (int i = 0; i < frames.length; i++) {
            String[] parts = frames[i].split(" ", -1);
            String simple = parts[0].substring(parts[0].lastIndexOf('.') + 1);
            elements[i] = new StackTraceElement(parts[0], parts[1], simple + ".java", Integer.parseInt(parts[2]));
        }
        thrown.setStackTrace(elements);
        return thrown;
    }

    private static Throwable chain() {
        Throwable root = at(new IllegalStateException("root"), "a.b.Pool take 1", "a.b.Main main 9");
        Throwable middle = at(new IllegalArgumentException("middle", root), "a.b.Dao save 2", "a.b.Main main 9");
        return at(new RuntimeException("outer", middle), "a.b.Service pay 3", "a.b.Main main 9");
    }

    @Test
    void the_root_cause_comes_first_and_the_frames_that_all_have_come_last() {
        assertThat(text(chain())).isEqualTo("""
                java.lang.IllegalStateException: root
                \tat a.b.Pool.take(Pool.java:1)
                \t... 1 common frames
                Wrapped by: java.lang.IllegalArgumentException: middle
                \tat a.b.Dao.save(Dao.java:2)
                \t... 1 common frames
                Wrapped by: java.lang.RuntimeException: outer
                \tat a.b.Service.pay(Service.java:3)
                \tat a.b.Main.main(Main.java:9)
                """);
    }

    @Test
    void the_root_cause_comes_last_where_that_is_set() {
        assertThat(text(chain(), "stack-order", "root-last")).isEqualTo("""
                java.lang.RuntimeException: outer
                \tat a.b.Service.pay(Service.java:3)
                \tat a.b.Main.main(Main.java:9)
                Caused by: java.lang.IllegalArgumentException: middle
                \tat a.b.Dao.save(Dao.java:2)
                \t... 1 common frames
                Caused by: java.lang.IllegalStateException: root
                \tat a.b.Pool.take(Pool.java:1)
                \t... 1 common frames
                """);
    }

    @Test
    void frames_are_folded_and_packages_abbreviated_where_that_is_set() {
        Throwable thrown = at(
                new RuntimeException("x"),
                "org.spring.Proxy invoke 1",
                "org.spring.Proxy proceed 2",
                "com.acme.Payments pay 3",
                "org.spring.Servlet service 4",
                "org.spring.Filter filter 5",
                "com.acme.Main main 6");

        assertThat(text(thrown, "stack-fold", "org.spring.,java.", "stack-abbreviate", "true"))
                .isEqualTo("""
                java.lang.RuntimeException: x
                \tat o.s.Proxy.invoke(Proxy.java:1)
                \t... 1 frames folded
                \tat c.a.Payments.pay(Payments.java:3)
                \t... 2 frames folded
                \tat c.a.Main.main(Main.java:6)
                """);
    }

    @Test
    void what_was_suppressed_is_indented_below_its_exception() {
        Throwable thrown = at(new RuntimeException("x"), "a.Main main 1");
        Throwable suppressed = at(new IllegalStateException("close", new RuntimeException("disk")), "a.Res close 2");
        suppressed.getCause().setStackTrace(new StackTraceElement[0]);
        thrown.addSuppressed(suppressed);

        assertThat(text(thrown)).isEqualTo("""
                java.lang.RuntimeException: x
                \tat a.Main.main(Main.java:1)
                \tSuppressed: java.lang.RuntimeException: disk
                \tWrapped by: java.lang.IllegalStateException: close
                \t\tat a.Res.close(Res.java:2)
                """);
    }

    @Test
    void circles_end() {
        IllegalStateException one = at(new IllegalStateException("one"), "a.One one 1");
        RuntimeException two = at(new RuntimeException("two", one), "a.Two two 2");
        one.initCause(two);
        two.addSuppressed(one);

        assertThat(text(one))
                .contains("[circular reference] java.lang.IllegalStateException: one")
                .endsWith("Wrapped by: java.lang.IllegalStateException: one\n\tat a.One.one(One.java:1)\n");
        assertThat(hash(one)).matches("[0-9a-f]{16}");
    }

    @Test
    void a_text_of_its_own_is_that_of_the_exception() {
        Throwable thrown = at(
                new RuntimeException("message") {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String toString() {
                        return "own text";
                    }
                },
                "a.Main main 1");

        assertThat(text(thrown)).startsWith("own text\n");
    }

    @Test
    void a_frame_without_a_file_or_a_line_says_so() {
        Throwable thrown = new RuntimeException("x");
        thrown.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("a.B", "c", null, -1),
            new StackTraceElement("a.B", "c", "B.java", -1),
            new StackTraceElement("a.B", "c", "B.java", -2)
        });

        assertThat(text(thrown)).isEqualTo("""
                java.lang.RuntimeException: x
                \tat a.B.c(Unknown Source)
                \tat a.B.c(B.java)
                \tat a.B.c(Native Method)
                """);
    }

    @Test
    void a_stack_trace_is_no_longer_than_is_set_and_a_huge_message_is_not_copied() {
        Throwable deep = new IllegalStateException("x".repeat(10_000_000));
        for (int i = 0; i < 300; i++) {
            deep = new RuntimeException("wrapped", deep);
        }

        assertThat(text(deep, "max-stack", "2KB")).hasSizeBetween(2_048, 3_000);
        assertThat(text(deep, "max-stack", "0")).hasSizeLessThan(300);
    }

    @Test
    void for_people_a_message_cannot_begin_a_line() {
        Throwable thrown = at(new RuntimeException("x\n\tat forged.Frame.run(Frame.java:1)\u202e"), "a.Main main 1");

        assertThat(traces(true).text(new ThrowableProxy(thrown)).lines())
                .containsExactly(
                        "java.lang.RuntimeException: x\\n\\tat forged.Frame.run(Frame.java:1)\\u202e",
                        "\tat a.Main.main(Main.java:1)");
    }

    @Test
    void a_hash_is_of_types_and_frames_and_of_neither_messages_nor_lines_nor_numbers_of_a_compiler() {
        String hash = hash(at(new RuntimeException("x"), "a.Main lambda$run$0 1", "a.Main$1 call 2"));

        assertThat(hash(at(new RuntimeException("y"), "a.Main lambda$run$3 10", "a.Main$2 call 20")))
                .isEqualTo(hash);
        assertThat(hash(at(
                        new RuntimeException("y"),
                        "a.Main lambda$run$3 10",
                        "jdk.internal.reflect.GeneratedMethodAccessor7 invoke 1",
                        "a.Service$$SpringCGLIB$$0 pay 1",
                        "jdk.proxy2.$Proxy17 pay 1",
                        "a.Main$$Lambda/0x0000000801234567 run 1",
                        "a.Main$2 call 20")))
                .isEqualTo(hash);
        assertThat(hash(at(new IllegalStateException("x"), "a.Main lambda$run$0 1", "a.Main$1 call 2")))
                .isNotEqualTo(hash);
        assertThat(hash(at(new RuntimeException("x"), "a.Main lambda$run$0 1", "a.Other$1 call 2")))
                .isNotEqualTo(hash);
        assertThat(hash(at(new RuntimeException("x"), "a.Main$1 call 2", "a.Main lambda$run$0 1")))
                .isNotEqualTo(hash);
        assertThat(hash(chain())).isNotEqualTo(hash(chain().getCause()));
    }
}
