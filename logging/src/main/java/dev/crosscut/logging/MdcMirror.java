package dev.crosscut.logging;

import dev.crosscut.core.Binding;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The ids of the current exchange in SLF4J's MDC, for code that reads it. They are those that are there when an exchange
 * has begun and never change, so that they need to be put only where it becomes current on a thread; each time costs some
 * copies of a map.
 */
final class MdcMirror implements Binding {

    private static final List<String> NAMES = List.of(Key.CORRELATION_ID.name(), "trace_id", "span_id");

    @Override
    public Scope attach(Exchange exchange) {
        @Nullable String[] ids = new String[NAMES.size()];
        exchange.forEach((key, value) -> {
            int i = key.isLoggable() ? NAMES.indexOf(key.name()) : -1;
            if (i >= 0) {
                ids[i] = Texts.printable(Values.text(value));
            }
        });
        return put(ids);
    }

    @Override
    public Scope clear() {
        return put(new String[NAMES.size()]);
    }

    private static Scope put(@Nullable String[] ids) {
        @Nullable String[] before = new String[ids.length];
        for (int i = 0; i < ids.length; i++) {
            String name = NAMES.get(i);
            before[i] = MDC.get(name);
            set(name, ids[i]);
        }
        return () -> {
            for (int i = 0; i < before.length; i++) {
                set(NAMES.get(i), before[i]);
            }
        };
    }

    private static void set(String name, @Nullable String value) {
        if (value != null) {
            MDC.put(name, value);
        } else if (MDC.get(name) != null) {
            MDC.remove(name);
        }
    }
}
