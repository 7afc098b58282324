package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crosscut.core.Crosscut;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Guard;
import dev.crosscut.core.Observer;
import dev.crosscut.core.Outcome;
import dev.crosscut.tck.RecordingObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;

/** Asks exchanges what spans and meters ask them, at their beginning and their end, and keeps the answers. */
final class Watch implements Observer, AutoCloseable {

    private static final List<String> ATTRIBUTES = List.of(
            "db.system.name",
            "db.namespace",
            "db.operation.name",
            "db.query.summary",
            "db.query.text",
            "db.operation.batch.size",
            "db.response.status_code",
            "db.stored_procedure.name",
            "server.address",
            "server.port");

    /** One exchange that has ended. */
    record Seen(
            Exchange exchange,
            String operation,
            Map<String, Object> first,
            Map<String, Object> attributes,
            Outcome outcome,
            Optional<String> errorType,
            Optional<Exchange> parent) {

        Object attribute(String name) {
            return attributes.get(name);
        }
    }

    private final RecordingObserver recorder = new RecordingObserver();
    private final Map<Exchange, Map<String, Object>> begun = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
    private final Crosscut crosscut;

    Watch(Guard... guards) {
        Crosscut.Builder builder = Crosscut.builder()
                .discoverPlugins(false)
                .observer(recorder)
                .binding(recorder)
                .observer(this);
        List.of(guards).forEach(builder::guard);
        crosscut = builder.build();
    }

    Crosscut crosscut() {
        return crosscut;
    }

    DataSource wrap(DataSource dataSource) {
        return CrosscutDataSource.wrap(dataSource, crosscut);
    }

    private static Map<String, Object> ask(Exchange exchange) {
        Map<String, Object> answers = new TreeMap<>();
        ATTRIBUTES.forEach(name -> exchange.attribute(name).ifPresent(value -> answers.put(name, value)));
        return answers;
    }

    @Override
    public void begin(Exchange exchange) {
        begun.put(exchange, ask(exchange));
    }

    @Override
    public void end(Exchange exchange, Outcome outcome) {
        seen.add(new Seen(
                exchange,
                exchange.operation(),
                begun.remove(exchange),
                ask(exchange),
                outcome,
                exchange.errorType(outcome),
                exchange.parent()));
    }

    /** What has ended since this was last asked. */
    List<Seen> all() {
        List<Seen> all = new ArrayList<>(seen);
        seen.removeAll(all);
        return all;
    }

    /** The one exchange that has ended since this was last asked. */
    Seen only() {
        List<Seen> all = all();
        assertThat(all).as("exchanges").hasSize(1);
        return all.get(0);
    }

    /** Checks that nothing is left open. */
    @Override
    public void close() {
        recorder.verify();
        assertThat(begun).as("begun and not ended").isEmpty();
        assertThat(crosscut.faults()).isEmpty();
        crosscut.close();
    }
}
