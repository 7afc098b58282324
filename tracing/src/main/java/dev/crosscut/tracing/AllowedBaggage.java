package dev.crosscut.tracing;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.BaggageBuilder;
import io.opentelemetry.api.baggage.BaggageEntryMetadata;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * W3C Baggage, of which only listed entries come in, and no more than the 64 members and 8192 bytes that every platform must
 * take (3.3.2). OpenTelemetry's propagator writes the header. Reading is our own: theirs reports each member that is malformed
 * with a stack trace, and so lets a caller fill the log.
 */
final class AllowedBaggage implements TextMapPropagator {

    private static final TextMapPropagator W3C = W3CBaggagePropagator.getInstance();
    private static final String FIELD = "baggage";
    private static final int MAX_BYTES = 8192;
    private static final int MAX_MEMBERS = 64;

    private final Set<String> allowed;

    /** The keys of entries that may come in. */
    AllowedBaggage(Set<String> allowed) {
        this.allowed = Set.copyOf(allowed);
    }

    @Override
    public Collection<String> fields() {
        return W3C.fields();
    }

    @Override
    public <C> void inject(Context context, @Nullable C carrier, TextMapSetter<C> setter) {
        W3C.inject(context, carrier, setter);
    }

    @Override
    public <C> Context extract(Context context, @Nullable C carrier, TextMapGetter<C> getter) {
        if (allowed.isEmpty()) {
            return context;
        }
        BaggageBuilder taken = Baggage.builder();
        Set<String> keys = new HashSet<>();
        int bytes = 0;
        Iterator<String> headers = getter.getAll(carrier, FIELD);
        while (headers.hasNext()) {
            String header = headers.next();
            bytes += header.length();
            if (bytes > MAX_BYTES) {
                break;
            }
            read(header, taken, keys);
        }
        return keys.isEmpty() ? context : context.with(taken.build());
    }

    private void read(String header, BaggageBuilder taken, Set<String> keys) {
        int start = 0;
        while (start < header.length() && keys.size() < MAX_MEMBERS) {
            int comma = header.indexOf(',', start);
            int end = comma < 0 ? header.length() : comma;
            int equals = header.indexOf('=', start);
            if (equals > start && equals < end) {
                String key = Ows.trimmed(header, start, equals);
                if (allowed.contains(key)) {
                    take(key, header.substring(equals + 1, end), taken, keys);
                }
            }
            start = end + 1;
        }
    }

    private static void take(String key, String member, BaggageBuilder taken, Set<String> keys) {
        int semicolon = member.indexOf(';');
        String value = Ows.trimmed(semicolon < 0 ? member : member.substring(0, semicolon));
        String metadata = semicolon < 0 ? "" : Ows.trimmed(member.substring(semicolon + 1));
        if (!member.chars().allMatch(AllowedBaggage::mayBeThere)) {
            return; // OpenTelemetry would throw, or warn, each time that it is to write this
        }
        try {
            String decoded = URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
            taken.put(key, decoded, BaggageEntryMetadata.create(metadata));
            keys.add(key);
        } catch (IllegalArgumentException e) {
            return; // not encoded as it must be (3.3.1.3), so there is nothing to take
        }
    }

    /** Of a value, or of properties and the white space around them (3.3.1). */
    private static boolean mayBeThere(int c) {
        return c == '\t' || (c >= ' ' && c <= '~' && c != '"' && c != '\\');
    }
}
