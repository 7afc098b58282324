package example.consumer;

import dev.crosscut.core.Correlation;
import dev.crosscut.core.Crosscut;
import dev.crosscut.idempotency.Idempotency;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.redis.RedisStore;
import dev.crosscut.jdbc.CrosscutDataSource;
import dev.crosscut.jdkhttpclient.CrosscutHttpClient;
import dev.crosscut.logging.CrosscutEncoder;
import dev.crosscut.servlet.CrosscutFilter;
import dev.crosscut.tck.RecordingObserver;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Touches each module, runs one unit of work, and logs what was found. */
final class Application {
    private Application() {}

    static String run() throws Exception {
        RecordingObserver recorder = new RecordingObserver();
        try (Crosscut crosscut =
                Crosscut.builder().observer(recorder).binding(recorder).build()) {
            new CrosscutEncoder();
            new CrosscutFilter(crosscut);
            Idempotency.builder(IdempotencyStore.embedded(1 << 20)).build().close();
            noRedis();
            CrosscutDataSource.wrap(noDatabase(), crosscut).getConnection();
            CrosscutHttpClient.wrap(HttpClient.newHttpClient(), crosscut);
            Callable<Integer> work = () -> Correlation.current().orElse("").length();
            String plugins = crosscut.settings().declared().stream()
                    .map(setting -> setting.key())
                    .filter(key -> key.endsWith(".enabled"))
                    .map(key -> key.split("[.]", -1)[1])
                    .collect(Collectors.joining(" "));
            String found = plugins + "; a correlation id of " + crosscut.call("probe", work) + " characters";
            recorder.verify();
            return found;
        }
    }

    /** Everything that it takes to connect is there, but the server. */
    private static void noRedis() {
        try {
            RedisStore.builder("redis://127.0.0.1:1").open().close();
            throw new AssertionError("there is a server");
        } catch (IllegalStateException e) {
            if (!e.getMessage()
                    .contains("Redis at 127.0.0.1:1 could not be reached: it cannot be reached; Connection refused")) {
                throw e;
            }
        }
    }

    private static DataSource noDatabase() {
        return (DataSource) Proxy.newProxyInstance(
                Application.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> null);
    }

    public static void main(String[] args) throws Exception {
        String way = Application.class.getModule().isNamed() ? "module path" : "class path";
        System.getLogger("example").log(Level.INFO, way + ": " + run());
    }
}
