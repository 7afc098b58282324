package dev.crosscut.metrics;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * An expression of Prometheus' language, read by its grammar, with the types of its parts checked as Prometheus does: of the
 * language, what rules and dashboards here are made of, and nothing that Prometheus would not take.
 */
final class PromQl {

    enum Type {
        SCALAR,
        VECTOR,
        RANGE,
        TEXT
    }

    /** A series that is asked for; the conditions on each label, in their order. */
    record Selector(String name, List<Condition> conditions) {}

    record Condition(String label, String operator, String value) {}

    private static final Pattern TOKEN = Pattern.compile("\\s*(?:(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
            + "|(?<number>\\d+(?:\\.\\d+)?(?![\\w.]))"
            + "|(?<text>\"(?:[^\"\\\\\\n]|\\\\[\\\\\"n])*\")"
            + "|(?<range>\\[(?:\\d+(?:ms|[smhdwy]))+])"
            + "|(?<operator>=~|!~|==|!=|>=|<=|[-+*/%^><=(){},]))");

    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    private static final List<Set<String>> PRECEDENCE = List.of(
            Set.of("or"),
            Set.of("and", "unless"),
            Set.of("==", "!=", ">", "<", ">=", "<="),
            Set.of("+", "-"),
            Set.of("*", "/", "%"));

    private static final Set<String> AGGREGATIONS = Set.of("sum", "max", "min", "avg", "count");

    private static final Map<String, List<Type>> FUNCTIONS = Map.of(
            "rate", List.of(Type.RANGE),
            "sum_over_time", List.of(Type.RANGE),
            "count_over_time", List.of(Type.RANGE),
            "histogram_quantile", List.of(Type.SCALAR, Type.VECTOR),
            "vector", List.of(Type.SCALAR));

    private final String expression;
    private final List<Selector> selectors = new ArrayList<>();
    private final Set<String> labels = new LinkedHashSet<>();
    private final List<String> tokens = new ArrayList<>();
    private final Type type;
    private int next;

    private PromQl(String expression) {
        this.expression = expression;
        Matcher token = TOKEN.matcher(expression.stripTrailing());
        int end = 0;
        while (token.lookingAt()) {
            tokens.add(token.group().strip());
            end = token.end();
            token.region(end, token.regionEnd());
        }
        require(end == expression.stripTrailing().length(), "something that is no part of the language at " + end);
        this.type = binary(0);
        require(next == tokens.size(), "more than one expression");
    }

    static PromQl parse(String expression) {
        return new PromQl(expression);
    }

    Type type() {
        return type;
    }

    List<Selector> selectors() {
        return selectors;
    }

    /** What it groups by, or leaves out. */
    Set<String> labels() {
        return labels;
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise + ", before token " + next + " of " + tokens + ": " + expression);
        }
    }

    private String peek() {
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private String take() {
        require(next < tokens.size(), "an end that comes too early");
        return tokens.get(next++);
    }

    private void take(String expected) {
        require(peek().equals(expected), "expected " + expected);
        next++;
    }

    private Type binary(int level) {
        if (level == PRECEDENCE.size()) {
            return unary();
        }
        Type left = binary(level + 1);
        while (PRECEDENCE.get(level).contains(peek())) {
            String operator = take();
            if (peek().equals("ignoring") || peek().equals("on")) {
                take();
                require(left == Type.VECTOR, "labels to match, of what is no vector");
                grouping();
            }
            left = combined(operator, left, binary(level + 1));
        }
        return left;
    }

    private Type combined(String operator, Type left, Type right) {
        boolean areVectors = left == Type.VECTOR && right == Type.VECTOR;
        boolean areScalars = left == Type.SCALAR && right == Type.SCALAR;
        boolean areNumbers =
                (left == Type.VECTOR || left == Type.SCALAR) && (right == Type.VECTOR || right == Type.SCALAR);
        if (PRECEDENCE.get(0).contains(operator) || PRECEDENCE.get(1).contains(operator)) {
            require(areVectors, operator + " takes vectors");
        } else if (PRECEDENCE.get(2).contains(operator)) {
            require(areNumbers && !areScalars, operator + " takes a vector, and no ranges or texts");
        } else {
            require(areNumbers, operator + " takes no ranges or texts");
        }
        return areScalars ? Type.SCALAR : Type.VECTOR;
    }

    private Type unary() {
        if (peek().equals("-") || peek().equals("+")) {
            take();
            Type of = unary();
            require(of == Type.SCALAR || of == Type.VECTOR, "a sign before a range or a text");
            return of;
        }
        String token = take();
        if (token.equals("(")) {
            Type inner = binary(0);
            take(")");
            return inner;
        }
        if (token.startsWith("\"")) {
            return Type.TEXT;
        }
        if (Character.isDigit(token.charAt(0))) {
            return Type.SCALAR;
        }
        if (AGGREGATIONS.contains(token)) {
            return aggregation();
        }
        if (peek().equals("(")) {
            return call(token);
        }
        require(Character.isLetter(token.charAt(0)) || "_:".indexOf(token.charAt(0)) >= 0, "expected an operand");
        return selector(token);
    }

    private Type aggregation() {
        boolean before = isGrouping();
        if (before) {
            take();
            grouping();
        }
        take("(");
        require(binary(0) == Type.VECTOR, "an aggregation of what is no vector");
        take(")");
        if (!before && isGrouping()) {
            take();
            grouping();
        }
        return Type.VECTOR;
    }

    private boolean isGrouping() {
        return peek().equals("by") || peek().equals("without");
    }

    private void grouping() {
        take("(");
        while (!peek().equals(")")) {
            String label = take();
            require(LABEL.matcher(label).matches(), label + " cannot be a label");
            labels.add(label);
            if (!peek().equals(")")) {
                take(",");
            }
        }
        take(")");
    }

    private Type call(String function) {
        require(FUNCTIONS.containsKey(function), "a function that is not known: " + function);
        List<Type> arguments = new ArrayList<>();
        take("(");
        while (!peek().equals(")")) {
            arguments.add(binary(0));
            if (!peek().equals(")")) {
                take(",");
            }
        }
        take(")");
        require(arguments.equals(FUNCTIONS.get(function)), function + " does not take " + arguments);
        return Type.VECTOR;
    }

    private Type selector(String name) {
        List<Condition> conditions = new ArrayList<>();
        if (peek().equals("{")) {
            take();
            while (!peek().equals("}")) {
                conditions.add(condition());
                if (!peek().equals("}")) {
                    take(",");
                }
            }
            take("}");
        }
        selectors.add(new Selector(name, conditions));
        if (peek().startsWith("[")) {
            take();
            return Type.RANGE;
        }
        return Type.VECTOR;
    }

    private Condition condition() {
        String label = take();
        require(LABEL.matcher(label).matches(), label + " cannot be a label");
        String operator = take();
        require(Set.of("=", "!=", "=~", "!~").contains(operator), "expected a condition in place of " + operator);
        String text = take();
        require(text.startsWith("\""), "expected a text in place of " + text);
        String value = unquoted(text);
        if (operator.endsWith("~")) {
            try {
                Pattern.compile(value);
            } catch (PatternSyntaxException e) {
                require(false, "no regular expression: " + value);
            }
        }
        return new Condition(label, operator, value);
    }

    private static String unquoted(String text) {
        StringBuilder value = new StringBuilder();
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                c = text.charAt(i) == 'n' ? '\n' : text.charAt(i);
            }
            value.append(c);
        }
        return value.toString();
    }
}
