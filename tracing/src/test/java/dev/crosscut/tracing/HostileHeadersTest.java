package dev.crosscut.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.crosscut.core.Call;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange.Kind;
import dev.crosscut.core.Key;
import dev.crosscut.core.Outcome;
import dev.crosscut.core.Scope;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Generated headers, most of them broken, against the grammar of W3C Trace Context, level 2, as it stands there. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(StorageFirst.class)
class HostileHeadersTest {

    private static final int CASES = 3000;
    private static final int LARGE = 65536;

    /** What attackers, proxies and other formats put where hexadecimal digits and separators should be. */
    private static final String HOSTILE =
            "\u0000\u0001\b\t\n\u000b\f\r\u001b\u007f\u0080\u00a0\u0661\u2028\u20ac\ud83d\ude00 -_=,;:@/*%\"'.+AFGfg09xX";

    /** What the specification allows, written as its own grammar and apart from the code that is tested. */
    private static final class Oracle {

        /** 3.2.2; of a later version what 3.2.4 says: as much as version 00 has, and then the end or a dash. */
        private static final Pattern PARENT = Pattern.compile(
                "(?:00|(?!00|ff)(?<later>[0-9a-f]{2}))"
                        + "-(?<trace>(?!0{32})[0-9a-f]{32})-(?<span>(?!0{16})[0-9a-f]{16})-(?<flags>[0-9a-f]{2})"
                        + "(?<rest>-.*)?",
                Pattern.DOTALL);

        /** 3.3.1.3: key, equals sign, value, which is 0*255(chr) nblkchr. */
        private static final Pattern MEMBER = Pattern.compile("(?<key>[a-z0-9][a-z0-9_*/@-]{0,255})="
                + "(?<value>[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e])");

        /** OWS (RFC 9110, 5.6.3) is no part of a value; other white space is. */
        private static String trimmed(String value) {
            int end = value.length();
            while (end > 0 && " \t".contains(value.substring(end - 1, end))) {
                end--;
            }
            return value.substring(0, end).replaceFirst("\\A[ \\t]+", "");
        }

        static SpanContextParts parent(List<String> fields) {
            if (fields.size() != 1) {
                return SpanContextParts.NONE;
            }
            Matcher matcher = PARENT.matcher(trimmed(fields.get(0)));
            if (!matcher.matches() || (matcher.group("later") == null && matcher.group("rest") != null)) {
                return SpanContextParts.NONE;
            }
            return new SpanContextParts(
                    matcher.group("trace"), matcher.group("span"), Integer.parseInt(matcher.group("flags"), 16) & 3);
        }

        /** The members in their order, the first of each key; none where one is malformed or there are more than 32. */
        static List<String> state(List<String> fields) {
            Map<String, String> members = new LinkedHashMap<>();
            int count = 0;
            for (String part : String.join(",", fields).split(",", -1)) {
                String member = trimmed(part);
                if (member.isEmpty()) {
                    continue;
                }
                Matcher matcher = MEMBER.matcher(member);
                count++;
                if (count > 32 || !matcher.matches()) {
                    return List.of();
                }
                members.putIfAbsent(matcher.group("key"), matcher.group("value"));
            }
            return members.entrySet().stream()
                    .map(member -> member.getKey() + '=' + member.getValue())
                    .toList();
        }
    }

    private record SpanContextParts(String traceId, String spanId, int flags) {

        static final SpanContextParts NONE = new SpanContextParts("0".repeat(32), "0".repeat(16), 0);

        static SpanContextParts of(SpanContext span) {
            return new SpanContextParts(
                    span.getTraceId(), span.getSpanId(), span.getTraceFlags().asByte());
        }
    }

    private record Fields(List<String> parents, List<String> states) {}

    /** Ways in which {@code traceparent} comes. */
    enum Parents {
        VALID {
            @Override
            List<String> next(Random random) {
                return List.of(valid(random));
            }
        },
        NONE_OR_SEVERAL {
            @Override
            List<String> next(Random random) {
                String first = valid(random);
                return switch (random.nextInt(5)) {
                    case 0 -> List.of();
                    case 1 -> List.of(first, first);
                    case 2 -> List.of(first, valid(random), valid(random));
                    case 3 -> List.of(first, "");
                    default -> List.of(first + ',' + first);
                };
            }
        },
        UPPER_CASE {
            @Override
            List<String> next(Random random) {
                String text = valid(random);
                int at = random.nextInt(text.length());
                return List.of(text.substring(0, at) + text.substring(at).toUpperCase(Locale.ROOT));
            }
        },
        WRONG_LENGTH {
            @Override
            List<String> next(Random random) {
                UnaryOperator<String> off = part -> random.nextBoolean()
                        ? part
                        : random.nextBoolean() ? part + hex(random, 1 + random.nextInt(3)) : part.substring(1);
                return List.of(off.apply("00")
                        + '-'
                        + off.apply(hex(random, 32))
                        + '-'
                        + off.apply(hex(random, 16))
                        + '-'
                        + off.apply("01"));
            }
        },
        OTHER_VERSION {
            @Override
            List<String> next(Random random) {
                String[] rests = {"", "-", "-more", "-" + hex(random, 2), "more", ".", "--", "-\u0000", "-\n-"};
                String version = random.nextInt(4) == 0 ? "ff" : hex(random, 2);
                return List.of(version + valid(random).substring(2) + rests[random.nextInt(rests.length)]);
            }
        },
        ZERO {
            @Override
            List<String> next(Random random) {
                String trace = random.nextBoolean() ? "0".repeat(32) : hex(random, 32);
                String span = random.nextBoolean() ? "0".repeat(16) : hex(random, 16);
                return List.of("00-" + trace + '-' + span + "-01");
            }
        },
        FLAGS {
            @Override
            List<String> next(Random random) {
                return List.of("00-" + hex(random, 32) + '-' + hex(random, 16) + '-' + hex(random, 2));
            }
        },
        SURROUNDED {
            @Override
            List<String> next(Random random) {
                return List.of(noise(random, random.nextInt(3)) + valid(random) + noise(random, random.nextInt(3)));
            }
        },
        MUTATED {
            @Override
            List<String> next(Random random) {
                return List.of(mutated(valid(random), random));
            }
        },
        NOISE {
            @Override
            List<String> next(Random random) {
                return List.of(noise(random, 40 + random.nextInt(40)));
            }
        },
        LARGE {
            @Override
            List<String> next(Random random) {
                return List.of(
                        switch (random.nextInt(4)) {
                            case 0 -> "0".repeat(HostileHeadersTest.LARGE);
                            case 1 -> valid(random) + '-' + "x".repeat(HostileHeadersTest.LARGE);
                            case 2 -> "cc" + valid(random).substring(2) + '-' + "x".repeat(HostileHeadersTest.LARGE);
                            default -> " ".repeat(HostileHeadersTest.LARGE) + valid(random);
                        });
            }
        };

        abstract List<String> next(Random random);
    }

    /** Ways in which {@code tracestate} comes. */
    enum States {
        VALID {
            @Override
            List<String> next(Random random) {
                return spread(members(random, 1 + random.nextInt(32)), random);
            }
        },
        ABOUT_32 {
            @Override
            List<String> next(Random random) {
                return spread(members(random, 31 + random.nextInt(3)), random);
            }
        },
        REPEATED {
            @Override
            List<String> next(Random random) {
                List<String> members = members(random, 1 + random.nextInt(20));
                for (int i = random.nextInt(5); i >= 0; i--) {
                    String key = members.get(random.nextInt(members.size())).split("=", 2)[0];
                    members.add(random.nextInt(members.size() + 1), key + "=again" + i);
                }
                return spread(members, random);
            }
        },
        ABOUT_256 {
            @Override
            List<String> next(Random random) {
                List<String> members = members(random, 1 + random.nextInt(4));
                members.add("k".repeat(254 + random.nextInt(4)) + '=' + "v".repeat(254 + random.nextInt(4)));
                return spread(members, random);
            }
        },
        MUTATED {
            @Override
            List<String> next(Random random) {
                List<String> members = members(random, 1 + random.nextInt(5));
                members.replaceAll(member -> random.nextInt(3) == 0 ? mutated(member, random) : member);
                return spread(members, random);
            }
        },
        NOISE {
            @Override
            List<String> next(Random random) {
                return IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> noise(random, random.nextInt(12)))
                        .toList();
            }
        },
        LARGE {
            @Override
            List<String> next(Random random) {
                return List.of(
                        switch (random.nextInt(4)) {
                            case 0 -> "a=" + "v".repeat(HostileHeadersTest.LARGE);
                            case 1 -> ",".repeat(HostileHeadersTest.LARGE) + "a=1";
                            case 2 -> "a=1," + " ".repeat(HostileHeadersTest.LARGE);
                            default -> "a=1,".repeat(HostileHeadersTest.LARGE / 4);
                        });
            }
        };

        abstract List<String> next(Random random);
    }

    private static String hex(Random random, int length) {
        return of("0123456789abcdef", random, length);
    }

    private static String noise(Random random, int length) {
        return of(HOSTILE, random, length);
    }

    private static String of(String alphabet, Random random, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static String valid(Random random) {
        return "00-" + hex(random, 32) + '-' + hex(random, 16) + "-0" + random.nextInt(4);
    }

    /** One to three characters replaced, put in, taken out, or put in twice. */
    private static String mutated(String text, Random random) {
        StringBuilder changed = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0 && !changed.isEmpty(); i--) {
            int at = random.nextInt(changed.length());
            switch (random.nextInt(4)) {
                case 0 -> changed.setCharAt(at, noise(random, 1).charAt(0));
                case 1 -> changed.insert(at, noise(random, 1));
                case 2 -> changed.deleteCharAt(at);
                default -> changed.insert(at, changed.charAt(at));
            }
        }
        return changed.toString();
    }

    /** Members of different keys, which are all valid. */
    private static List<String> members(Random random, int count) {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = i + of("abcxyz019_-*/@", random, random.nextInt(6));
            int length = random.nextInt(10) == 0 ? 200 : 1 + random.nextInt(8);
            members.add(key + '=' + of("aZ09 ~!\"#$%&'()*+-./:;<>?@[\\]^_`{|}", random, length) + '.');
        }
        return members;
    }

    /** The members in one or more header fields, with white space and empty members between them. */
    private static List<String> spread(List<String> members, Random random) {
        String[] separators = {",", ",", ",", " ,", ",\t ", ",,", ", ,"};
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < members.size(); i++) {
            field.append(members.get(i));
            if (random.nextInt(6) == 0) {
                fields.add(field.toString());
                field.setLength(0);
            } else if (i < members.size() - 1) {
                field.append(separators[random.nextInt(separators.length)]);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static SpanContext extracted(Fields fields) {
        TestExchange exchange = new TestExchange(Kind.SERVER)
                .header("traceparent", fields.parents().toArray(new String[0]))
                .header("tracestate", fields.states().toArray(new String[0]));
        Context context = new W3cTraceContext().extract(Context.root(), exchange, ExchangeHeaders.ACCESS);
        return Span.fromContext(context).getSpanContext();
    }

    private static List<String> membersOf(SpanContext span) {
        List<String> members = new ArrayList<>();
        span.getTraceState().forEach((key, value) -> members.add(key + '=' + value));
        return members;
    }

    private static String printed(Object fields) {
        String text = fields.toString();
        StringBuilder printed = new StringBuilder();
        text.chars()
                .limit(600)
                .forEach(c -> printed.append(c < ' ' || c > '~' ? String.format("\\u%04x", c) : (char) c));
        return printed.toString();
    }

    @ParameterizedTest
    @EnumSource
    void a_parent_is_continued_if_and_only_if_the_grammar_allows_it(Parents way) {
        Random random = new Random(way.name().hashCode());
        int valid = 0;
        for (int i = 0; i < cases(way.name()); i++) {
            List<String> parents = way.next(random);
            SpanContextParts expected = Oracle.parent(parents);
            valid += expected.equals(SpanContextParts.NONE) ? 0 : 1;

            SpanContext extracted = extracted(new Fields(parents, List.of()));

            assertThat(SpanContextParts.of(extracted))
                    .as(() -> printed(parents))
                    .isEqualTo(expected);
        }
        int all = cases(way.name());
        switch (way) {
            case VALID, FLAGS -> assertThat(valid).isEqualTo(all);
            case NONE_OR_SEVERAL, NOISE -> assertThat(valid).isZero();
            case UPPER_CASE, WRONG_LENGTH, OTHER_VERSION, ZERO, SURROUNDED, MUTATED, LARGE ->
                assertThat(valid).as("some are valid, some are not").isBetween(all / 100, all - all / 5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_state_is_taken_whole_and_in_order_if_and_only_if_the_grammar_allows_it(States way) {
        Random random = new Random(way.name().hashCode());
        int valid = 0;
        for (int i = 0; i < cases(way.name()); i++) {
            Fields fields = new Fields(List.of(valid(random)), way.next(random));
            List<String> expected = Oracle.state(fields.states());
            valid += expected.isEmpty() ? 0 : 1;

            SpanContext extracted = extracted(fields);

            assertThat(SpanContextParts.of(extracted))
                    .as("a bad state costs the parent nothing: %s", printed(fields))
                    .isEqualTo(Oracle.parent(fields.parents()));
            assertThat(membersOf(extracted)).as(() -> printed(fields)).isEqualTo(expected);
            assertHandedOn(extracted, expected);
        }
        int all = cases(way.name());
        switch (way) {
            case VALID, REPEATED -> assertThat(valid).isEqualTo(all);
            case NOISE -> assertThat(valid).as("valid ones").isLessThan(all / 10);
            case ABOUT_32, ABOUT_256, MUTATED, LARGE ->
                assertThat(valid).as("some are valid, some are not").isBetween(all / 10, all - all / 10);
        }
    }

    /** What is sent on is valid and in order, and is all of it unless that is longer than 2048 characters (3.3.1.5). */
    private static void assertHandedOn(SpanContext extracted, List<String> members) {
        Map<String, String> headers = new HashMap<>();
        new W3cTraceContext().inject(Context.root().with(Span.wrap(extracted)), headers, Map::put);

        assertThat(Oracle.parent(List.of(headers.get("traceparent")))).isEqualTo(SpanContextParts.of(extracted));
        String whole = String.join(",", members);
        String sent = headers.getOrDefault("tracestate", "");
        if (whole.length() <= 2048) {
            assertThat(sent).isEqualTo(whole);
        } else {
            assertThat(sent.length()).isBetween(1024, 2048);
            assertThat(members).containsSubsequence(Oracle.state(List.of(sent)));
        }
    }

    /** Large ones are few: each is 64 KiB. */
    private static int cases(String way) {
        return way.equals("LARGE") ? 40 : CASES;
    }

    @Test
    void whatever_is_sent_the_request_is_served_within_a_trace_and_what_it_calls_gets_valid_headers() {
        Random random = new Random(99);
        Parents[] parents = Parents.values();
        States[] states = States.values();
        try (Crosscut crosscut = Crosscut.builder()
                .discoverPlugins(false)
                .plugin(new TracingPlugin())
                .property("crosscut.tracing.propagators", "tracecontext, baggage, b3, b3multi")
                .property("crosscut.tracing.baggage", "a, k")
                .build()) {
            for (int i = 0; i < CASES; i++) {
                Fields fields = new Fields(
                        parents[i % (parents.length - 1)].next(random), states[i % (states.length - 1)].next(random));
                TestExchange server = new TestExchange(Kind.SERVER)
                        .header("traceparent", fields.parents().toArray(new String[0]))
                        .header("tracestate", fields.states().toArray(new String[0]))
                        .header("baggage", mutated("a=1;p=2,k=%20", random))
                        .header("b3", noise(random, random.nextInt(60)))
                        .header("X-B3-TraceId", mutated(hex(random, 32), random))
                        .header("X-B3-SpanId", mutated(hex(random, 16), random));
                TestExchange client = new TestExchange(Kind.CLIENT);

                assertThatCode(() -> serve(crosscut, server, client))
                        .as(() -> printed(fields))
                        .doesNotThrowAnyException();

                SpanContextParts caller = Oracle.parent(fields.parents());
                SpanContextParts sent = Oracle.parent(List.of(client.sent("traceparent")));
                assertThat(sent).as(() -> printed(fields)).isNotEqualTo(SpanContextParts.NONE);
                assertThat(server.get(Key.TRACE_ID)).contains(sent.traceId());
                if (!caller.equals(SpanContextParts.NONE)) {
                    assertThat(sent.traceId()).as(() -> printed(fields)).isEqualTo(caller.traceId());
                    assertThat(sent.spanId()).isNotEqualTo(caller.spanId());
                }
            }
            assertThat(crosscut.faults()).isEmpty();
        }
    }

    private static void serve(Crosscut crosscut, TestExchange server, TestExchange client) {
        Call served = crosscut.begin(server);
        try (Scope scope = served.attach()) {
            crosscut.begin(client).end(Outcome.completed(200));
        }
        served.end(Outcome.completed(200));
    }
}
