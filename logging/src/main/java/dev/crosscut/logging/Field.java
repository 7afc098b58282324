package dev.crosscut.logging;

/** What a line says of itself, whatever a {@link Schema} calls it. */
enum Field {
    TIMESTAMP,
    LEVEL,
    LEVEL_NUMBER,
    MESSAGE,
    LOGGER,
    THREAD,
    ERROR_TYPE,
    EXCEPTION_TYPE,
    ERROR_MESSAGE,
    STACK_HASH,
    STACK_TRACE,
    TAGS,
    TRUNCATED,
    ENCODING_FAULT,
    SERVICE_NAME,
    SERVICE_VERSION,
    SERVICE_ENVIRONMENT,
    SERVICE_INSTANCE
}
