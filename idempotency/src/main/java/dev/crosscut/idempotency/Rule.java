package dev.crosscut.idempotency;

import dev.crosscut.core.RoutePattern;
import java.util.Optional;

/**
 * What is asked of the exchanges of a route. Immutable.
 *
 * @param name the name in the settings, empty for those that no route matches
 * @param pattern which exchanges, empty for those that no route matches
 * @param text the pattern as it was set
 * @param mode whether there is a key
 * @param header the header that has it, where one is named
 * @param policy how the work is done once
 * @param maxRequest the largest body that is looked at, in bytes
 * @param statuses what becomes of a record by status
 * @param proceeds whether the work is done, unprotected, where the store fails
 */
record Rule(
        String name,
        Optional<RoutePattern> pattern,
        String text,
        KeyMode mode,
        Optional<String> header,
        Policy policy,
        int maxRequest,
        Statuses statuses,
        boolean proceeds) {}
