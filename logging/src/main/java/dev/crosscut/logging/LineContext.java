package dev.crosscut.logging;

import java.io.Serial;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an event of Logback has as its MDC: the fields of the exchange that was current where it was logged, as text, over
 * those of the user. Immutable; safe for use by several threads. Serialised, it is a plain map.
 *
 * <p>The correlation id is found under {@value #ALIAS} too, which is no entry of its own.
 */
final class LineContext extends AbstractMap<String, String> implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String ALIAS = "correlationId";

    private final transient ExchangeFields exchange;
    private final transient Map<String, String> users;

    LineContext(ExchangeFields exchange, Map<String, String> users) {
        this.exchange = exchange;
        this.users = users;
    }

    ExchangeFields exchange() {
        return exchange;
    }

    Map<String, String> users() {
        return users;
    }

    @Override
    public @Nullable String get(@Nullable Object name) {
        Object value = exchange.byName().get(name);
        if (value != null) {
            return text(value);
        }
        String users = this.users.get(name);
        return users == null && ALIAS.equals(name) ? get(ExchangeFields.CORRELATION_ID) : users;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return exchange.byName().containsKey(name)
                || users.containsKey(name)
                || (ALIAS.equals(name) && containsKey(ExchangeFields.CORRELATION_ID));
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        Map<String, String> all = new LinkedHashMap<>();
        exchange.byName().forEach((name, value) -> all.put(name, text(value)));
        users.forEach(all::putIfAbsent);
        return Collections.unmodifiableMap(all).entrySet();
    }

    /** A pattern prints it as it is, so it must not begin a line of its own. */
    private static String text(Object value) {
        return Texts.printable(Values.text(value));
    }

    @Serial
    private Object writeReplace() {
        return new HashMap<>(this);
    }
}
