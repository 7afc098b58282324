package dev.crosscut.logging;

import com.fasterxml.jackson.annotation.JsonRawValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.util.RawValue;

/** Values that throw, lie, have no end, or have no JSON. */
@SuppressWarnings({"ToStringReturnsNull", "DoNotCallSuggester"}) // that is what is hostile
final class HostileValues {

    private HostileValues() {}

    public static final class ThrowingGetter {
        public String getName() {
            throw new IllegalStateException("getter");
        }

        @Override
        public String toString() {
            return "the text of it";
        }
    }

    public static final class ThrowsEverywhere {
        public String getName() {
            throw new IllegalStateException("getter");
        }

        @Override
        public String toString() {
            throw new UnsupportedOperationException("toString");
        }
    }

    public static final class ErrorEverywhere {
        public String getName() {
            throw new AssertionError("getter");
        }

        @Override
        public String toString() {
            throw new NoClassDefFoundError("toString");
        }
    }

    public static final class Endless {
        public Endless getNext() {
            return new Endless();
        }

        @Override
        public String toString() {
            return "endless " + this;
        }
    }

    public static final class Cyclic {
        public Cyclic getSelf() {
            return this;
        }
    }

    public static final class Raw {
        @JsonRawValue
        public String json;

        Raw(String json) {
            this.json = json;
        }
    }

    public static final class NullText {
        @Override
        public String toString() {
            return null;
        }
    }

    public static final class LyingNumber extends BigDecimal {
        private static final long serialVersionUID = 1L;

        LyingNumber() {
            super(1);
        }

        @Override
        public String toString() {
            return "1}\n{\"forged\":true";
        }
    }

    public static final class ThrowingText implements CharSequence {
        @Override
        public int length() {
            throw new IllegalStateException("length");
        }

        @Override
        public char charAt(int index) {
            throw new IllegalStateException("charAt");
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            throw new IllegalStateException("subSequence");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("toString");
        }
    }

    private static Map<Object, Object> cyclicMap() {
        Map<Object, Object> one = new HashMap<>();
        Map<Object, Object> two = new HashMap<>();
        one.put("two", two);
        two.put("one", one);
        return one;
    }

    private static List<Object> deepList() {
        List<Object> deep = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            List<Object> outer = new ArrayList<>();
            outer.add(deep);
            deep = outer;
        }
        return deep;
    }

    /** One of each. */
    static Stream<Object> all() {
        Map<Object, Object> sameText = new LinkedHashMap<>();
        sameText.put(1, "number");
        sameText.put("1", "text");
        return Stream.of(
                Double.NaN,
                Double.NEGATIVE_INFINITY,
                Float.NaN,
                new double[] {Double.NaN, Double.POSITIVE_INFINITY},
                Map.of("ratio", Double.NaN),
                new BigDecimal("1E+1000"),
                new LyingNumber(),
                new ThrowingGetter(),
                new ThrowsEverywhere(),
                new ErrorEverywhere(),
                new ThrowingText(),
                new NullText(),
                new Endless(),
                new Cyclic(),
                cyclicMap(),
                deepList(),
                sameText,
                new HashMap<>(Map.of("half", "\ud800 \udc00", "\udc00", "name")),
                new Raw("{\"ok\":true}"),
                new Raw("1,\n\"forged\":2"),
                new Raw("}\n{"),
                new Raw(""),
                new Raw("\"unfinished"),
                new RawValue("1}\n{\"forged\":true"),
                new RawValue("{\"a\":1,\n \"a\":2}"),
                new RawValue("\"\\ud800\""),
                new byte[] {0, -1, 10},
                new char[] {'\n', '\ud800'},
                '\udfff',
                new Object(),
                (Runnable) () -> {},
                new IllegalStateException("as a value"),
                Thread.currentThread(),
                HostileValues.class);
    }
}
