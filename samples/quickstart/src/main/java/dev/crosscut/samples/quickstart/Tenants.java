package dev.crosscut.samples.quickstart;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Observer;
import java.util.List;
import java.util.Map;

/**
 * Says which tenant a request is for. The header can only name one that is known, and never says its tier; a real service
 * goes by who is authenticated.
 */
final class Tenants implements Observer {

    private static final String HEADER = "X-Tenant";
    private static final Map<String, String> TIERS = Map.of("acme", "gold", "globex", "silver");

    @Override
    public void begin(Exchange exchange) {
        List<String> named = exchange.kind() == Exchange.Kind.SERVER ? exchange.requestHeaders(HEADER) : List.of();
        if (named.size() == 1 && TIERS.containsKey(named.get(0))) {
            exchange.put(Key.TENANT, named.get(0));
            exchange.put(Key.TENANT_TIER, TIERS.get(named.get(0)));
        }
    }
}
