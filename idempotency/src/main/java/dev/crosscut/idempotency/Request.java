package dev.crosscut.idempotency;

/**
 * What is to be done once, frozen before any of it runs: whatever the work changes, the record stays the one that was claimed.
 *
 * @param operation what is done, for messages
 * @param key the hashed key
 * @param fingerprint what must be the same
 * @param policy how it is done once
 */
record Request(String operation, RecordKey key, Fingerprint fingerprint, Policy policy) {}
