package dev.crosscut.idempotency;

import dev.crosscut.core.Key;
import dev.crosscut.core.Settings;
import dev.crosscut.core.SettingsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command {@code crosscut-idempotency}: looks up, forgets and counts the records of the store that the settings name, and
 * says as OpenAPI what clients must know of keys.
 */
public final class IdempotencyCommand {

    private static final String HELP = """
            Usage: crosscut-idempotency COMMAND [OPTION ...]

            Looks into the store that crosscut.idempotency.store names, see docs/idempotency.md.

              find HASH         shows a record; HASH is idempotency_record of an access line
              find WHOSE        the same, by the key of the client
              hash WHOSE        says the hash of a key, and opens no store
              expire HASH       forgets a record, so that the next request with its key is done
              count             counts the records in each state
              openapi           says as OpenAPI 3.1 what clients must know of keys

            WHOSE is one of
              --key KEY --request 'METHOD PATH' [--route ROUTE] [--tenant TENANT] [--caller CALLER]
              --key KEY --operation NAME [--scope PART ...]

              --key KEY         what the client sent; - reads a line of stdin. It is never shown
              --request ...     as the client sent it, such as 'POST /payments/17'
              --route ROUTE     the route on its access line, if any
              --tenant TENANT   the tenant on its access line, if any; --caller likewise
              --operation NAME  the name of an operation in code; --scope PART for each part

              --force           expires a record whose owner is at work, too: its work may then
                                be done twice at once
              --json            writes JSON in place of text and YAML
              --config FILE     in place of each crosscut.properties; what system properties and
                                the environment (CROSSCUT_IDEMPOTENCY_*) say counts before it
              --help            this

            Exits with 0 when it is done, with 1 when something is wrong or there is no such
            record, with 2 when it is called wrongly.""";

    private static final Set<String> WHOSE =
            Set.of("--key", "--request", "--route", "--tenant", "--caller", "--operation", "--scope");

    private static final Set<String> FLAGS = Set.of("--json", "--force");

    /** The options of each command beside those of all. */
    private static final Map<String, Set<String>> COMMANDS =
            Map.of("find", WHOSE, "hash", WHOSE, "expire", Set.of("--force"), "count", Set.of(), "openapi", Set.of());

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, List<String>> options = new LinkedHashMap<>();
    private final List<String> operands = new ArrayList<>();
    private String command = "";

    /** It is called wrongly. */
    private static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** There is something wrong with what it reads. */
    private static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }
    }

    private IdempotencyCommand(InputStream in, PrintStream out, PrintStream err) {
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs it, and exits with its code. What others write to stdout meanwhile, as a driver's log lines, goes to stderr.
     *
     * @param arguments as {@code --help} says
     */
    public static void main(String[] arguments) {
        PrintStream out = System.out;
        System.setOut(System.err);
        System.exit(run(arguments, System.in, out, System.err));
    }

    /** The code that it exits with. */
    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        try {
            if (List.of(arguments).contains("--help")) {
                out.println(HELP);
                return 0;
            }
            IdempotencyCommand command = new IdempotencyCommand(in, out, err);
            command.parse(arguments);
            command.execute();
            return 0;
        } catch (UsageException e) {
            err.println("crosscut-idempotency: " + e.getMessage() + "; see crosscut-idempotency --help");
            return 2;
        } catch (FailedException | SettingsException e) {
            err.println("crosscut-idempotency: " + e.getMessage());
            return 1;
        } catch (IOException | RuntimeException e) {
            err.println("crosscut-idempotency: " + chain(e));
            return 1;
        }
    }

    /** A store says what it wanted, and its driver why that failed. */
    private static String chain(Throwable failure) {
        StringBuilder text = new StringBuilder(text(failure));
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < 5; depth++) {
            if (text.indexOf(text(cause)) < 0) {
                text.append("\n  because: ").append(text(cause));
            }
            cause = cause.getCause();
        }
        return text.toString();
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null || failure instanceof IOException ? failure.toString() : message;
    }

    private void parse(String[] arguments) throws UsageException {
        if (arguments.length == 0 || !COMMANDS.containsKey(arguments[0])) {
            throw new UsageException((arguments.length == 0 ? "no command" : "unknown command '" + arguments[0] + "'")
                    + "; expected find, hash, expire, count or openapi");
        }
        command = arguments[0];
        Set<String> own = COMMANDS.getOrDefault(command, Set.of());
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith("--")) {
                operands.add(argument);
            } else if (!own.contains(argument) && !argument.equals("--json") && !argument.equals("--config")) {
                throw new UsageException("unknown argument '" + argument.split("=", 2)[0] + "' of " + command);
            } else if (FLAGS.contains(argument)) {
                options.put(argument, List.of());
            } else {
                if (++i == arguments.length) {
                    throw new UsageException(argument + " has no value");
                }
                List<String> values = options.computeIfAbsent(argument, any -> new ArrayList<>());
                values.add(arguments[i]);
                if (values.size() > 1 && !argument.equals("--scope")) {
                    throw new UsageException(argument + " is there twice");
                }
            }
        }
        int most = command.equals("expire") || (command.equals("find") && !options.containsKey("--key")) ? 1 : 0;
        if (operands.size() != most) {
            throw new UsageException(command + " has " + operands.size() + " arguments without --; expected "
                    + (most == 1 ? "a hash" + (command.equals("find") ? ", or --key" : "") : "none"));
        }
        if (WHOSE.equals(own) && most == 0) {
            checkWhose();
        } else if (options.keySet().stream().anyMatch(WHOSE::contains)) {
            throw new UsageException("there is a hash; expected no more, or --key in place of it");
        }
    }

    private void checkWhose() throws UsageException {
        if (!options.containsKey("--key")) {
            throw new UsageException("--key is missing");
        }
        boolean isRequest = options.containsKey("--request");
        if (isRequest == options.containsKey("--operation")) {
            throw new UsageException("expected one of --request and --operation, which say whose the key is");
        }
        Set<String> others = isRequest ? Set.of("--scope") : Set.of("--route", "--tenant", "--caller");
        for (String other : others) {
            if (options.containsKey(other)) {
                throw new UsageException(other + " is not for " + (isRequest ? "--request" : "--operation"));
            }
        }
        if (isRequest && !option("--request").matches("[A-Z]+ /\\S*")) {
            throw new UsageException(
                    "--request is '" + option("--request") + "'; expected a method and a path: 'POST /payments'");
        }
    }

    private String option(String name) {
        return options.getOrDefault(name, List.of("")).get(0);
    }

    private boolean isJson() {
        return options.containsKey("--json");
    }

    private void execute() throws UsageException, FailedException, IOException {
        IdempotencyPlugin plugin = new IdempotencyPlugin();
        switch (command) {
            case "find" -> {
                RecordKey key = operands.isEmpty() ? whose(plugin) : hash();
                look(plugin, store -> show(found(store, key)));
            }
            case "hash" -> {
                RecordKey key = whose(plugin);
                print(Map.of("record", key.toString()), key.toString());
            }
            case "expire" -> {
                RecordKey key = hash();
                look(plugin, store -> expire(store, key));
            }
            case "count" -> look(plugin, store -> count(store.count()));
            default -> openApi(settings(plugin));
        }
    }

    /** Something that is asked of a store. */
    private interface Question {
        void ask(IdempotencyStore.Inspectable store) throws FailedException;
    }

    private void look(IdempotencyPlugin plugin, Question question) throws UsageException, FailedException, IOException {
        Settings settings = settings(plugin);
        String name = settings.get(IdempotencySettings.STORE);
        if (name.equals(IdempotencyPlugin.EMBEDDED)) {
            throw new FailedException(
                    "crosscut.idempotency.store is embedded, so that the records are in the memory of the"
                            + " service, where no other process sees them; expected a store that is shared, such as jdbc or redis,"
                            + " or ask Idempotency.store() within the service");
        }
        try (IdempotencyStore store = plugin.open(settings)) {
            if (!(store instanceof IdempotencyStore.Inspectable inspectable)) {
                throw new FailedException("crosscut.idempotency.store is '" + name + "', which cannot be looked into: "
                        + store.getClass().getName() + " is no IdempotencyStore.Inspectable");
            }
            question.ask(inspectable);
        }
    }

    private Settings settings(IdempotencyPlugin plugin) throws UsageException, FailedException, IOException {
        Path config = path();
        if (config != null && !Files.isReadable(config)) {
            throw new FailedException("--config is '" + config + "'; expected a file that can be read");
        }
        Settings settings = OwnSettings.read(plugin, config);
        if (settings == null) {
            throw new FailedException("crosscut.idempotency.enabled is false, so that there is nothing to look into");
        }
        return settings;
    }

    private @Nullable Path path() throws UsageException {
        try {
            return options.containsKey("--config") ? Path.of(option("--config")) : null;
        } catch (InvalidPathException e) {
            throw new UsageException("--config is '" + option("--config") + "', which is no path");
        }
    }

    /** What is no hash may be a key, and is not shown. */
    private RecordKey hash() throws UsageException {
        String hash = operands.get(0);
        try {
            return RecordKey.parse(hash);
        } catch (IllegalArgumentException e) {
            throw new UsageException("the hash has " + hash.length() + " characters; expected 64 hexadecimal digits, as"
                    + " idempotency_record has on an access line");
        }
    }

    private RecordKey whose(IdempotencyPlugin plugin) throws UsageException, FailedException, IOException {
        String key = key();
        if (options.containsKey("--operation")) {
            return RecordKey.of(option("--operation"), options.getOrDefault("--scope", List.of()), key);
        }
        Settings settings = settings(plugin);
        String[] request = option("--request").split(" ", 2);
        AskedRequest asked = new AskedRequest(request[0], request[1].split("\\?", 2)[0], key);
        put(asked, Key.ROUTE, "--route");
        put(asked, Key.TENANT, "--tenant");
        put(asked, Key.CALLER, "--caller");
        HttpRequests http = IdempotencyPlugin.http(
                settings, IdempotencySettings.rules(settings), IdempotencySettings.others(settings));
        Rule rule = http.rule(asked)
                .filter(found -> found.mode() != KeyMode.OFF)
                .orElseThrow(() -> new FailedException("no key of " + option("--request") + " is looked at; see"
                        + " crosscut.idempotency.methods, .key and .route.<name>.key"));
        try {
            String text = key.startsWith("\"") ? http.key(asked, rule).orElse("") : key;
            return RecordKey.of(asked.protocol(), http.scope(asked, rule), text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--key is " + e.getMessage() + "; expected " + http.expected(rule)
                    + ", or what is between the marks");
        }
    }

    private void put(AskedRequest asked, Key<String> key, String option) {
        if (options.containsKey(option)) {
            asked.put(key, option(option));
        }
    }

    private String key() throws UsageException, IOException {
        String key = option("--key");
        if (key.equals("-")) {
            String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
            key = Objects.requireNonNullElse(line, "");
        }
        if (key.isEmpty()) {
            throw new UsageException("--key is empty");
        }
        return key;
    }

    private static RecordInfo found(IdempotencyStore.Inspectable store, RecordKey key) throws FailedException {
        return store.find(key)
                .orElseThrow(() -> new FailedException("there is no record " + key
                        + ": nothing was claimed under it, it was expired, or its retention is over"));
    }

    private void show(RecordInfo record) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("record", record.key().toString());
        json.put("state", name(record.state()));
        json.put("epoch", record.epoch());
        json.put("fingerprint", record.fingerprint().toString());
        json.put("lease_ms", record.lease().toMillis());
        json.put("retention_ms", record.retention().toMillis());
        json.put("bytes", record.bytes());
        boolean isDone = record.state() == RecordInfo.State.DONE;
        print(
                json,
                "record       " + record.key(),
                "state        " + name(record.state()) + ": " + meaning(record.state()),
                "epoch        " + record.epoch() + ", how often it was granted",
                "fingerprint  " + record.fingerprint(),
                "lease        " + (record.lease().isZero() ? "none" : left(record.lease())),
                "retention    " + left(record.retention()),
                (isDone ? "outcome      " : "progress     ") + record.bytes() + " bytes");
    }

    private static String name(RecordInfo.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String left(Duration duration) {
        return OpenApi.text(duration.toSeconds() == 0 ? duration : duration.truncatedTo(ChronoUnit.SECONDS)) + " left";
    }

    private static String meaning(RecordInfo.State state) {
        return switch (state) {
            case RUNNING -> "its owner is at work";
            case ABANDONED -> "its lease is over, and nobody said what became of the work";
            case DONE -> "its outcome is there, and is replayed";
            case RELEASED -> "its work was not done; the next request with its key is";
        };
    }

    private void expire(IdempotencyStore.Inspectable store, RecordKey key) throws FailedException {
        RecordInfo.State state = found(store, key).state();
        if (state == RecordInfo.State.RUNNING && !options.containsKey("--force")) {
            throw new FailedException(
                    "the record " + key + " is kept, for its owner is at work, and another would do the"
                            + " same work beside it; wait until it is done or its lease is over, or expire it with --force");
        }
        boolean isExpired = store.expire(key);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("record", key.toString());
        json.put("state", name(state));
        json.put("expired", isExpired);
        print(
                json,
                isExpired
                        ? "The record " + key + ", which was " + name(state)
                                + ", is forgotten: the next request with its key is done."
                        : "The record " + key + " was gone already.");
    }

    private void count(Map<RecordInfo.State, Long> counts) {
        Map<String, Object> json = new LinkedHashMap<>();
        List<String> lines = new ArrayList<>();
        for (RecordInfo.State state : RecordInfo.State.values()) {
            long count = counts.getOrDefault(state, 0L);
            json.put(name(state), count);
            lines.add(String.format(Locale.ROOT, "%-9s  %12d  %s", name(state), count, meaning(state)));
        }
        print(json, lines.toArray(String[]::new));
    }

    private void openApi(Settings settings) {
        OpenApi contract = OpenApi.of(settings);
        if (isJson()) {
            contract.notes().forEach(note -> err.println("Note: " + note));
            out.println(json(contract.document()));
        } else {
            out.print(contract.yaml());
        }
    }

    private void print(Map<String, ?> json, String... lines) {
        if (isJson()) {
            out.println(json(json));
        } else {
            List.of(lines).forEach(out::println);
        }
    }

    private static String json(Map<String, ?> value) {
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }
}
