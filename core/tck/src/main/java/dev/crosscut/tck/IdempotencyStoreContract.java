package dev.crosscut.tck;

/**
 * What a store of idempotency keys must do, as {@link dev.crosscut.idempotency.IdempotencyStore} says. A store's test extends
 * this class and opens the store.
 *
 * <p>Each state with each call and each wrong ticket; leases and retentions that are over; owners that come late; bytes, keys
 * and owners of any value; claims, take-overs and completions of many threads at once; requests and replies that are lost;
 * and, where the store is that too, {@link dev.crosscut.idempotency.IdempotencyStore.Inspectable},
 * {@link dev.crosscut.idempotency.IdempotencyStore.Purgeable} and
 * {@link dev.crosscut.idempotency.IdempotencyStore.Transactional}. Needs crosscut-idempotency, which crosscut-tck does not
 * bring along.
 */
public abstract class IdempotencyStoreContract extends StoreExtrasContract {

    /** Makes the contract; JUnit does. */
    protected IdempotencyStoreContract() {}
}
