package dev.crosscut.tck;

import dev.crosscut.idempotency.IdempotencyStore;
import java.sql.Connection;

/** A store that is all that a store can be passes all of the contract. */
class MapStoreContractTest extends IdempotencyStoreContract {

    private final MapStore store = new MapStore(MapStore.Fault.NONE);

    @Override
    protected IdempotencyStore open() {
        return store;
    }

    @Override
    protected Connection connect() {
        return store.connect();
    }
}
