package dev.crosscut.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.logstash.logback.argument.StructuredArgument;
import net.logstash.logback.composite.AbstractJsonProvider;
import net.logstash.logback.composite.ObjectMapperAware;
import net.logstash.logback.marker.LogstashMarker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.ObjectMapper;

/*
 * The whole of a line, as the one provider of the encoder.
 *
 * Order and precedence. First our own fields, then those of the exchange, then what the line itself carries (key-values,
 * structured arguments, markers), then the user's MDC. Whoever comes later never replaces a field: what the line carries
 * then gets a number after its name; an entry of the MDC is hidden, as an outer scope is by an inner one.
 *
 * Code of users runs only in Values, away from the line.
 */
final class LineProvider extends AbstractJsonProvider<ILoggingEvent> implements ObjectMapperAware {

    private static final SerializedString SCHEMA_VERSION = new SerializedString("8.11");

    private final Timestamps timestamps = new Timestamps();
    private final ExchangeMdc mdc;
    private @Nullable Values values;

    LineProvider(ExchangeMdc mdc) {
        this.mdc = mdc;
    }

    @Override
    public void setObjectMapper(ObjectMapper mapper) {
        values = new Values(mapper);
    }

    @Override
    public void writeTo(JsonGenerator out, ILoggingEvent event) {
        Values written = values;
        if (written == null) {
            throw new IllegalStateException("no ObjectMapper was set; expected the encoder to be started");
        }
        write(out, written, event);
    }

    private void write(JsonGenerator out, Values values, ILoggingEvent event) {
        Map<String, String> put = event.getMDCPropertyMap();
        LineContext context = put instanceof LineContext current ? current : null;

        byte[] timestamp = timestamps.format(event.getInstant());
        out.writeName(Names.TIMESTAMP);
        out.writeRawUTF8String(timestamp, 0, timestamp.length);
        out.writeName(Names.LEVEL);
        out.writeString(event.getLevel().toString());
        out.writeName(Names.MESSAGE);
        writeText(out, event.getFormattedMessage());
        if (context != null) {
            out.writeRaw(context.exchange().json(values));
        }
        out.writeName(Names.LOGGER);
        writeText(out, event.getLoggerName());
        out.writeName(Names.THREAD);
        writeText(out, event.getThreadName());
        out.writeName(Names.SCHEMA);
        out.writeString(SCHEMA_VERSION);

        UserFields fields = new UserFields(out, values, context);
        SerializedString service = mdc.service().orElse(null);
        if (service != null) {
            fields.take(Names.SERVICE);
            out.writeName(Names.SERVICE);
            out.writeString(service);
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            fields.take(Names.ERROR_TYPE);
            fields.take(Names.ERROR_MESSAGE);
            fields.take(Names.STACK_TRACE);
            write(out, thrown);
        }
        writeKeyValues(fields, event.getKeyValuePairs());
        writeArguments(fields, event.getArgumentArray());
        writeMarkers(fields, event.getMarkerList());
        Map<String, String> users = context == null ? put : context.users();
        if (users != null) {
            users.forEach(fields::addUnlessTaken);
        }
    }

    private static void writeText(JsonGenerator out, @Nullable String text) {
        out.writeString(text == null ? "" : Texts.wellFormed(text));
    }

    private static void write(JsonGenerator out, IThrowableProxy thrown) {
        out.writeName(Names.ERROR_TYPE);
        writeText(out, thrown.getClassName());
        String message = thrown.getMessage();
        if (message != null) {
            out.writeName(Names.ERROR_MESSAGE);
            writeText(out, message);
        }
        out.writeName(Names.STACK_TRACE);
        writeText(out, ThrowableProxyUtil.asString(thrown));
    }

    private static void writeKeyValues(UserFields fields, @Nullable List<KeyValuePair> pairs) {
        if (pairs != null) {
            for (KeyValuePair pair : pairs) {
                fields.add(pair.key, pair.value);
            }
        }
    }

    private static void writeArguments(UserFields fields, Object @Nullable [] arguments) {
        if (arguments != null) {
            for (Object argument : arguments) {
                if (argument instanceof StructuredArgument structured) {
                    fields.addAll(structured, structured::writeTo);
                }
            }
        }
    }

    private static void writeMarkers(UserFields fields, @Nullable List<Marker> markers) {
        if (markers != null && !markers.isEmpty()) {
            List<String> tags = new ArrayList<>();
            Set<Marker> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            markers.forEach(marker -> collect(marker, seen, tags, fields));
            if (!tags.isEmpty()) {
                fields.add(Names.TAGS, tags);
            }
        }
    }

    @SuppressWarnings("deprecation") // nobody should nest markers any more; those of logstash-logback-encoder still are
    private static void collect(@Nullable Marker marker, Set<Marker> seen, List<String> tags, UserFields fields) {
        if (marker == null || !seen.add(marker)) {
            return;
        }
        if (marker instanceof LogstashMarker structured) {
            fields.addAll(structured, structured::writeTo);
        } else {
            tags.add(marker.getName());
        }
        marker.iterator().forEachRemaining(reference -> collect(reference, seen, tags, fields));
    }
}
