package dev.crosscut.metrics;

import dev.crosscut.core.Settings;
import dev.crosscut.core.SettingsException;
import dev.crosscut.metrics.SloPack.Generated;
import dev.crosscut.metrics.SloRules.Burn;
import dev.crosscut.metrics.SloRules.Service;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code crosscut-slo}: writes rules, inputs of other tools and a dashboard for the objectives that the settings
 * {@code crosscut.metrics.slo.*} have.
 */
public final class SloCommand {

    private static final String HELP = """
            Usage: crosscut-slo --service NAME --out DIRECTORY [--job JOB] [--config FILE] [--force]

            Writes what keeps watch over the objectives of a service: rules and alerts for
            Prometheus, the inputs of Sloth and OpenSLO, and a dashboard for Grafana. The
            objectives are the settings crosscut.metrics.slo.<name>.*, see docs/metrics.md.

              --service NAME    the service: letters, digits and . _ -
              --out DIRECTORY   where to write; made where it is not there
              --job JOB         the label job that Prometheus gives the service; else NAME
              --config FILE     in place of each crosscut.properties; what system properties
                                and the environment (CROSSCUT_METRICS_*) say counts before it
              --force           write over files that crosscut-slo has not written
              --help            this

            Exits with 0 when all is written, with 1 when something is wrong and nothing is
            written, with 2 when it is called wrongly.""";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,48}[A-Za-z0-9]");
    private static final Pattern JOB = Pattern.compile("[ -~]{1,200}");
    private static final int LONGEST_ID = 63;
    private static final int HEAD = 4096;

    private final PrintStream out;
    private String service = "";
    private String job = "";
    private @Nullable Path directory;
    private @Nullable Path config;
    private boolean force;

    /** It is called wrongly. */
    private static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    /** There is something wrong with what it reads or writes. */
    private static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }
    }

    private SloCommand(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs it, and exits with its code.
     *
     * @param arguments as {@code --help} says
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    /** The code that it exits with. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        try {
            if (List.of(arguments).contains("--help")) {
                out.println(HELP);
                return 0;
            }
            SloCommand command = new SloCommand(out);
            command.parse(arguments);
            command.generate();
            return 0;
        } catch (UsageException e) {
            err.println("crosscut-slo: " + e.getMessage() + "; see crosscut-slo --help");
            return 2;
        } catch (FailedException | SettingsException | IllegalStateException | IOException e) {
            err.println("crosscut-slo: " + (e instanceof FailedException ? e.getMessage() : message(e)));
            return 1;
        }
    }

    private static String message(Exception e) {
        return e instanceof IOException && e.getClass() != IOException.class ? e.toString() : "" + e.getMessage();
    }

    private void parse(String[] arguments) throws UsageException {
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--service" -> service = value(arguments, ++i);
                case "--job" -> job = value(arguments, ++i);
                case "--out" -> directory = path(value(arguments, ++i));
                case "--config" -> config = path(value(arguments, ++i));
                case "--force" -> force = true;
                default -> throw new UsageException("unknown argument '" + arguments[i] + "'");
            }
        }
        if (!NAME.matcher(service).matches()) {
            throw new UsageException(
                    service.isEmpty()
                            ? "--service is missing"
                            : "--service is '" + service + "'; expected 2 to 50 letters, digits and . _ -, of which the"
                                    + " first and the last are letters or digits");
        }
        if (directory == null) {
            throw new UsageException("--out is missing");
        }
        job = job.isEmpty() ? service : job;
        if (!JOB.matcher(job).matches()) {
            throw new UsageException("--job is '" + job + "'; expected 1 to 200 visible ASCII characters");
        }
    }

    private static String value(String[] arguments, int index) throws UsageException {
        if (index >= arguments.length || arguments[index].isEmpty() || arguments[index].startsWith("--")) {
            throw new UsageException(arguments[index - 1] + " has no value");
        }
        return arguments[index];
    }

    private static Path path(String text) throws UsageException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("'" + text + "' is no path");
        }
    }

    private void generate() throws FailedException, IOException {
        Path target = Objects.requireNonNull(directory);
        if (config != null && !Files.isReadable(config)) {
            throw new FailedException("--config is '" + config + "'; expected a file that can be read");
        }
        List<Objective> objectives = objectives();
        Service named = new Service(service, job, version());
        for (Objective objective : objectives) {
            if (named.id(objective).length() > LONGEST_ID) {
                throw new FailedException(named.id(objective) + " has more than " + LONGEST_ID
                        + " characters, which is as long as a name may be in OpenSLO; expected a shorter name of the"
                        + " service or the objective");
            }
        }
        List<Generated> files = SloPack.of(named, objectives);
        write(target, files);
        report(target, objectives, files);
    }

    private List<Objective> objectives() throws FailedException, IOException {
        Settings settings = OwnSettings.read(config);
        if (settings == null) {
            throw new FailedException("crosscut.metrics.enabled is false, so that there is nothing to keep watch over");
        }
        List<Objective> objectives;
        try {
            objectives = SloSettings.objectives(settings);
        } catch (IllegalStateException e) {
            throw new FailedException("the objectives cannot be measured:\n  - " + e.getMessage());
        }
        if (objectives.isEmpty()) {
            throw new FailedException("there is no objective in "
                    + (config == null ? "crosscut.properties here or on the class path" : config)
                    + ", system properties and the environment; expected one, such as"
                    + " crosscut.metrics.slo.availability.objective=99.9");
        }
        return objectives;
    }

    private static String version() {
        return Optional.ofNullable(SloCommand.class.getModule().getDescriptor())
                .flatMap(descriptor -> descriptor.rawVersion())
                .or(() -> Optional.ofNullable(SloCommand.class.getPackage().getImplementationVersion()))
                .orElse("unknown");
    }

    private void write(Path target, List<Generated> files) throws FailedException, IOException {
        Files.createDirectories(target);
        if (!force) {
            List<Path> others = files.stream()
                    .map(file -> target.resolve(file.name()))
                    .filter(file -> Files.exists(file) && !isGenerated(file))
                    .toList();
            if (!others.isEmpty()) {
                throw new FailedException("nothing is written, for crosscut-slo has not written what is there: "
                        + others + "; move it away, choose another --out, or write over it with --force");
            }
        }
        for (Generated file : files) {
            Path whole = Files.createTempFile(target, ".crosscut-slo", ".tmp");
            try {
                Files.writeString(whole, file.content());
                makeReadable(whole);
                replace(whole, target.resolve(file.name()));
            } finally {
                Files.deleteIfExists(whole);
            }
        }
    }

    /** As other files are: a temporary one is for its owner alone. */
    private static void makeReadable(Path file) {
        file.toFile().setReadable(true, false);
    }

    private static void replace(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static boolean isGenerated(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(HEAD), StandardCharsets.UTF_8).contains(SloPack.MARK);
        } catch (IOException e) {
            return false;
        }
    }

    private void report(Path target, List<Objective> objectives, List<Generated> files) {
        out.println("Objectives of " + service + ", of which Prometheus has the series as job=\"" + job + "\":");
        out.println();
        table(objectives.stream()
                .map(each -> List.of(each.name(), each.sentence()))
                .toList());
        out.println();
        out.println("Written to " + target + ":");
        out.println();
        table(files.stream().map(file -> List.of(file.name(), file.use())).toList());
        List<String> notes = objectives.stream().flatMap(SloCommand::notes).toList();
        if (!notes.isEmpty()) {
            out.println();
            notes.forEach(note -> out.println("Note: " + note));
        }
    }

    private void table(List<List<String>> rows) {
        int width = rows.stream().mapToInt(row -> row.get(0).length()).max().orElse(1);
        rows.forEach(row ->
                out.println("  " + row.get(0) + " ".repeat(width - row.get(0).length() + 2) + row.get(1)));
    }

    private static Stream<String> notes(Objective objective) {
        Stream<String> never = Stream.concat(SloRules.PAGE.stream(), SloRules.TICKET.stream())
                .map(Burn::rate)
                .filter(rate -> !objective.canBurnAt(rate))
                .map(rate -> objective.name() + " never burns at " + rate
                        + " times its rate, as its budget is so large; the" + " alert on that is silent");
        return SloInputs.isOpenSlo(objective)
                ? never
                : Stream.concat(
                        never,
                        Stream.of(objective.name() + " is not in the file of OpenSLO, which has one budget for an"
                                + " objective, not one for each route or tier"));
    }
}
