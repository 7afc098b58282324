package dev.crosscut.logging;

import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import dev.crosscut.core.Source;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What lines look like. Immutable.
 *
 * @param schema the names of the fields
 * @param development whether lines are for people
 * @param service what each line says of the service
 * @param fields further fields of each line
 * @param renames other names for fields
 * @param maxLine the most bytes a line has, its line feed included
 * @param maxStack the most bytes of a stack trace
 * @param stackOrder which exception of a chain comes first
 * @param stackFold the beginnings of the names of classes whose frames are only counted
 * @param stackAbbreviate whether packages in stack traces are their first letters
 */
record FormatSettings(
        Schema schema,
        boolean development,
        Service service,
        Map<String, String> fields,
        Map<String, String> renames,
        int maxLine,
        int maxStack,
        StackOrder stackOrder,
        List<String> stackFold,
        boolean stackAbbreviate) {

    /** Which exception of a chain comes first in a stack trace. */
    enum StackOrder {
        ROOT_FIRST,
        ROOT_LAST
    }

    static final int LONGEST_TEXT = 256;

    private static final int LONGEST_NAME = 64;

    private static final long SHORTEST_LINE = 4 * 1024L;
    private static final long LONGEST_LINE = 16 * 1024 * 1024L;
    private static final String TEXT = "1 to " + LONGEST_TEXT + " characters, not blank";
    private static final String NAME = "1 to " + LONGEST_NAME + " letters, digits and . _ - @ /";
    private static final String FALLBACK = " Else it is what the environment says: ";

    static final Setting<Schema> SCHEMA = Setting.choice(
                    "crosscut.logging.schema",
                    "The names of the fields of a line: those of the Elastic Common Schema, of OpenTelemetry's data model,"
                            + " of logstash-logback-encoder, or of the Graylog Extended Log Format.",
                    Schema.class)
            .or(Schema.ECS);

    static final Setting<Boolean> DEVELOPMENT = Setting.flag(
                    "crosscut.logging.development",
                    "Whether lines are for people at a terminal, in colour unless `NO_COLOR` is set, and not JSON.")
            .or(false);

    static final Setting<Optional<String>> SERVICE_NAME = text(
            "crosscut.logging.service-name",
            "The name of this service on each line." + FALLBACK + "`OTEL_SERVICE_NAME`, `service.name` in"
                    + " `OTEL_RESOURCE_ATTRIBUTES`, `SPRING_APPLICATION_NAME`.");

    static final Setting<Optional<String>> SERVICE_VERSION = text(
            "crosscut.logging.service-version",
            "The version of this service on each line." + FALLBACK + "`service.version` in"
                    + " `OTEL_RESOURCE_ATTRIBUTES`.");

    static final Setting<Optional<String>> SERVICE_ENVIRONMENT = text(
            "crosscut.logging.service-environment",
            "Where this service runs, such as `production`, on each line." + FALLBACK
                    + "`deployment.environment.name` in `OTEL_RESOURCE_ATTRIBUTES`.");

    static final Setting<Optional<String>> SERVICE_INSTANCE = text(
            "crosscut.logging.service-instance",
            "Which instance of this service it is, on each line." + FALLBACK + "`service.instance.id` in"
                    + " `OTEL_RESOURCE_ATTRIBUTES`.");

    static final Setting<Map<String, String>> FIELDS = Setting.text(
                    "crosscut.logging.fields.<name>", "A field that is the same on each line.")
            .check(TEXT, FormatSettings::isText)
            .map();

    static final Setting<Map<String, String>> RENAMES = Setting.text(
                    "crosscut.logging.rename.<field>",
                    "Another name for a field, whoever adds it. In the key of the setting, the name that it would have has"
                            + " dashes for dots and underscores: `crosscut.logging.rename.log-level=level`.")
            .check(NAME, FormatSettings::isName)
            .map();

    static final Setting<Long> MAX_LINE = Setting.size(
                    "crosscut.logging.max-line",
                    "The most that a line has, its line feed included. What is over it is taken from the stack trace, then"
                            + " from the fields of users, then from the message; never from the fields that correlate.")
            .check("4KB to 16MB", size -> size >= SHORTEST_LINE && size <= LONGEST_LINE)
            .or(16 * 1024L);

    static final Setting<Long> MAX_STACK = Setting.size(
                    "crosscut.logging.max-stack",
                    "The most that a stack trace has of a line, the exceptions that are its causes included.")
            .check("0 to 16MB", size -> size <= LONGEST_LINE)
            .or(8 * 1024L);

    static final Setting<StackOrder> STACK_ORDER = Setting.choice(
                    "crosscut.logging.stack-order",
                    "Which exception of a chain a stack trace begins with: the one that is the cause of all others, or the"
                            + " one that was logged.",
                    StackOrder.class)
            .or(StackOrder.ROOT_FIRST);

    static final Setting<List<String>> STACK_FOLD = Setting.text(
                    "crosscut.logging.stack-fold",
                    "Frames that a stack trace folds into one line with their number: those of classes whose name begins with one of these, such as"
                            + " `org.springframework.`. The first frame of an exception is always shown.")
            .list()
            .or(List.of());

    static final Setting<Boolean> STACK_ABBREVIATE = Setting.flag(
                    "crosscut.logging.stack-abbreviate",
                    "Whether a stack trace has only the first letter of each package of a class.")
            .or(false);

    static List<Setting<?>> all() {
        return List.of(
                SCHEMA,
                DEVELOPMENT,
                SERVICE_NAME,
                SERVICE_VERSION,
                SERVICE_ENVIRONMENT,
                SERVICE_INSTANCE,
                FIELDS,
                RENAMES,
                MAX_LINE,
                MAX_STACK,
                STACK_ORDER,
                STACK_FOLD,
                STACK_ABBREVIATE);
    }

    private static Setting<Optional<String>> text(String key, String description) {
        return Setting.text(key, description)
                .check(TEXT, FormatSettings::isText)
                .optional();
    }

    private static boolean isText(String text) {
        return !text.isBlank() && text.length() <= LONGEST_TEXT;
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_NAME
                && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "._-@/".indexOf(c) >= 0));
    }

    /** As a Crosscut has read and checked them. */
    static FormatSettings of(Settings settings) {
        EnumMap<Field, String> service = new EnumMap<>(Field.class);
        settings.get(SERVICE_NAME).ifPresent(name -> service.put(Field.SERVICE_NAME, name));
        settings.get(SERVICE_VERSION).ifPresent(version -> service.put(Field.SERVICE_VERSION, version));
        settings.get(SERVICE_ENVIRONMENT).ifPresent(name -> service.put(Field.SERVICE_ENVIRONMENT, name));
        settings.get(SERVICE_INSTANCE).ifPresent(instance -> service.put(Field.SERVICE_INSTANCE, instance));
        return new FormatSettings(
                settings.get(SCHEMA),
                settings.get(DEVELOPMENT),
                new Service(service, Service::environment),
                settings.get(FIELDS),
                settings.get(RENAMES),
                Math.toIntExact(settings.get(MAX_LINE)),
                Math.toIntExact(settings.get(MAX_STACK)),
                settings.get(STACK_ORDER),
                settings.get(STACK_FOLD),
                settings.get(STACK_ABBREVIATE));
    }

    /** What is wrong with the schema as it can be known early. */
    static Optional<String> earlyProblem(List<Source> sources) {
        return new EarlySettings(sources).problem(SCHEMA, Schema.values());
    }

    /**
     * As they are before a Crosscut is built: what cannot be used is as if it were not set. Whoever builds the Crosscut
     * is told of it.
     */
    static FormatSettings early(List<Source> sources, UnaryOperator<@Nullable String> environment) {
        EarlySettings early = new EarlySettings(sources);
        EnumMap<Field, String> service = new EnumMap<>(Field.class);
        early.text(SERVICE_NAME, FormatSettings::isText).ifPresent(name -> service.put(Field.SERVICE_NAME, name));
        early.text(SERVICE_VERSION, FormatSettings::isText)
                .ifPresent(version -> service.put(Field.SERVICE_VERSION, version));
        early.text(SERVICE_ENVIRONMENT, FormatSettings::isText)
                .ifPresent(name -> service.put(Field.SERVICE_ENVIRONMENT, name));
        early.text(SERVICE_INSTANCE, FormatSettings::isText)
                .ifPresent(instance -> service.put(Field.SERVICE_INSTANCE, instance));
        return new FormatSettings(
                early.choice(SCHEMA, Schema.values()).orElse(Schema.ECS),
                early.flag(DEVELOPMENT),
                new Service(service, environment),
                early.map(FIELDS, FormatSettings::isText),
                early.map(RENAMES, FormatSettings::isName),
                early.size(MAX_LINE, SHORTEST_LINE, LONGEST_LINE).orElse(16 * 1024),
                early.size(MAX_STACK, 0, LONGEST_LINE).orElse(8 * 1024),
                early.choice(STACK_ORDER, StackOrder.values()).orElse(StackOrder.ROOT_FIRST),
                early.list(STACK_FOLD),
                early.flag(STACK_ABBREVIATE));
    }
}
