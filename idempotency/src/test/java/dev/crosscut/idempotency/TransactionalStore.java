package dev.crosscut.idempotency;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A store with transactions, of which only the calls within one are looked at. For one thread. */
final class TransactionalStore implements IdempotencyStore, IdempotencyStore.Transactional {

    private final EmbeddedStore store = new EmbeddedStore(1 << 20);
    final FaultyStore within = new FaultyStore(store, true);
    final List<String> outside = new ArrayList<>();

    /** A connection that is only passed on. */
    Connection connection() {
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        outside.add("claim");
        return store.claim(key, fingerprint, terms);
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        outside.add("complete");
        return store.complete(ticket, outcome, retention);
    }

    @Override
    public boolean release(Ticket ticket) {
        outside.add("release");
        return store.release(ticket);
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        outside.add("renew");
        return store.renew(ticket, lease, progress);
    }

    @Override
    public IdempotencyStore within(Connection connection) {
        return within;
    }
}
