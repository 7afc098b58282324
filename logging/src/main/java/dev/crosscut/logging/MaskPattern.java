package dev.crosscut.logging;

/** What masking looks for in text, by the names that the setting has. */
enum MaskPattern {
    NAMED_VALUE,
    CREDENTIALS,
    JWT,
    AWS_KEY,
    PRIVATE_KEY,
    URL_USER,
    CARD,
    IBAN,
    EMAIL
}
