package dev.crosscut.idempotency;

/** Whether requests have an idempotency key. */
enum KeyMode {
    /** Those without one are refused. */
    REQUIRED,
    /** Those with one are done once. */
    OPTIONAL,
    /** Keys are not looked at. */
    OFF
}
