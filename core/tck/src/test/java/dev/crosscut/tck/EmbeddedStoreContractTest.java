package dev.crosscut.tck;

import dev.crosscut.idempotency.IdempotencyStore;

class EmbeddedStoreContractTest extends IdempotencyStoreContract {

    @Override
    protected IdempotencyStore open() {
        return IdempotencyStore.embedded(64_000_000);
    }
}
