package dev.crosscut.samples.quickstart;

/**
 * A payment that was booked.
 *
 * @param id its id
 * @param amount in minor units of the currency
 * @param currency ISO 4217
 * @param to the account that gets it
 */
record Payment(String id, long amount, String currency, String to) {}
