package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Secret;
import dev.crosscut.core.Setting;
import dev.crosscut.core.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the lines of levels that are off are kept for, and what is put into the MDC. */
final class DebugSettings {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final String LOGGER = "dev.crosscut.logging";

    static final Setting<Long> BUFFER = Setting.size(
                    "crosscut.logging.debug-buffer",
                    "How much memory an exchange may take for lines that the levels of their loggers discard, the newest"
                            + " ones. They are written when the exchange ends in error, by a `CrosscutAppender`. 0 keeps"
                            + " none.")
            .check("0, or 4KB to 64MB", bytes -> bytes == 0 || (bytes >= 4 * KIB && bytes <= 64 * MIB))
            .or(0L);

    static final Setting<Long> TOTAL = Setting.size(
                    "crosscut.logging.debug-buffer-total",
                    "How much memory all such lines may take. When it is used up, those of the exchange that has kept some"
                            + " for longest are given up.")
            .check("64KB to 4GB", bytes -> bytes >= 64 * KIB && bytes <= 4096 * MIB)
            .or(16 * MIB);

    static final Setting<Long> RATE = Setting.size(
                    "crosscut.logging.debug-buffer-rate",
                    "How many bytes of such lines may be written in a second. The lines of an exchange that ends in error"
                            + " beyond that are dropped, and counted in a report.")
            .check("64KB to 1GB", bytes -> bytes >= 64 * KIB && bytes <= 1024 * MIB)
            .or(MIB);

    static final Setting<Optional<Duration>> SLOW = Setting.duration(
                    "crosscut.logging.debug-buffer-slow",
                    "The time after which an exchange has such lines written even where it ended well.")
            .check("more than 0", time -> !time.isZero())
            .optional();

    static final Setting<List<String>> LEVELS = Setting.text(
                    "crosscut.logging.debug-levels",
                    "From which level on lines of a logger are kept in the debug buffer and follow the debug header:"
                            + " `root=DEBUG, com.acme=TRACE, org.apache.http.wire=OFF`. One for which nothing is said, not"
                            + " even for the root, takes no part; nor does one that is `OFF` in Logback.")
            .check("logger=LEVEL with a level of OFF, ERROR, WARN, INFO, DEBUG, TRACE or ALL", LoggingPlugin::isLevel)
            .list()
            .or(List.of(
                    "root=TRACE",
                    "io.netty=INFO",
                    "io.undertow=INFO",
                    "jdk=INFO",
                    "org.apache.catalina=INFO",
                    "org.apache.coyote=INFO",
                    "org.apache.tomcat=INFO",
                    "org.eclipse.jetty=INFO",
                    "reactor.netty=INFO",
                    "sun=INFO"));

    static final Setting<String> HEADER = Setting.text(
                    "crosscut.logging.debug-header",
                    "The header by which a request from outside is made to log more, where `crosscut.logging.debug-key`"
                            + " is set and has signed it.")
            .check("the name of a header field", name -> name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}"))
            .or("X-Debug-Log");

    static final Setting<Optional<Secret>> KEY = Setting.secret(
                    "crosscut.logging.debug-key",
                    "The key that signs the debug header. Without one, the header means nothing.")
            .check(
                    "at least " + DebugHeader.SHORTEST_KEY + " characters",
                    key -> key.reveal().length() >= DebugHeader.SHORTEST_KEY)
            .optional();

    static final Setting<Duration> MAX_VALIDITY = Setting.duration(
                    "crosscut.logging.debug-max-validity",
                    "How far ahead the end of a debug header may be. One that ends later is refused.")
            .check(
                    "1s to 24h",
                    life -> life.compareTo(Duration.ofSeconds(1)) >= 0 && life.compareTo(Duration.ofHours(24)) <= 0)
            .or(Duration.ofHours(1));

    static final Setting<Boolean> MDC = Setting.flag(
                    "crosscut.logging.mdc",
                    "Whether `correlation_id`, `trace_id` and `span_id` of the current exchange are put into SLF4J's MDC,"
                            + " for code that reads it. Lines have them in any case.")
            .or(false);

    private DebugSettings() {}

    static List<Setting<?>> all() {
        return List.of(BUFFER, TOTAL, RATE, SLOW, LEVELS, HEADER, KEY, MAX_VALIDITY, MDC);
    }

    /**
     * Adds what the settings ask for. Comes after the access line.
     *
     * @throws IllegalStateException if one bound is larger than another that encloses it
     */
    static void install(Crosscut.Builder builder, Settings settings, LoggerContext context) {
        if (settings.get(MDC)) {
            builder.binding(new MdcMirror());
        }
        Optional<Secret> key = settings.get(KEY);
        if (settings.get(BUFFER) == 0 && key.isEmpty()) {
            return;
        }
        requireWithin(settings, TOTAL);
        requireWithin(settings, RATE);
        Logger logger = context.getLogger(LOGGER);
        DebugMemory memory = new DebugMemory(settings.get(BUFFER), settings.get(TOTAL));
        DebugRoutes routes = new DebugRoutes(context, levels(settings.get(LEVELS)));
        DebugFilter filter = new DebugFilter(context, memory, routes);
        DebugWriter writer = new DebugWriter(logger, routes, memory, settings.get(RATE), System::nanoTime);
        Optional<DebugHeader> header = key.map(secret -> new DebugHeader(
                settings.get(HEADER),
                secret,
                settings.get(MAX_VALIDITY),
                () -> System.currentTimeMillis() / 1000,
                logger,
                new RareReport()));
        filter.place();
        builder.closing(filter::remove);
        builder.observer(new DebugObserver(filter, memory, writer, header, settings.get(SLOW)));
        if (!memory.isOff() && context.getLoggerList().stream().noneMatch(routes::reach)) {
            logger.warn(
                    "{} is on, and no logger has a CrosscutAppender, so no line is kept; expected one in logback.xml",
                    BUFFER.key());
        }
    }

    private static void requireWithin(Settings settings, Setting<Long> bound) {
        if (settings.get(BUFFER) > settings.get(bound)) {
            throw new IllegalStateException(BUFFER.key() + " is " + settings.get(BUFFER) + " bytes and " + bound.key()
                    + " is " + settings.get(bound) + " bytes; expected the former to be no larger");
        }
    }

    private static Map<String, Level> levels(List<String> entries) {
        Map<String, Level> levels = new HashMap<>();
        entries.forEach(
                entry -> levels.put(LoggingPlugin.loggerOf(entry), Level.valueOf(LoggingPlugin.levelOf(entry))));
        return levels;
    }
}
