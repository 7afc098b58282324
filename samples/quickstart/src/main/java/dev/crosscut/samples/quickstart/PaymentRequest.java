package dev.crosscut.samples.quickstart;

import java.util.Currency;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks to be paid.
 *
 * @param amount in minor units of the currency
 * @param currency ISO 4217
 * @param to the account that is to get it
 */
record PaymentRequest(
        @Nullable Long amount,
        @Nullable String currency,
        @Nullable String to) {

    private static final long MAX_AMOUNT = 100_000_000_00L;

    /** The payment, where all is as it should be; throws what the client is to be told. */
    Payment checked(String id) {
        Long minorUnits = amount;
        if (minorUnits == null || minorUnits < 1 || minorUnits > MAX_AMOUNT) {
            throw refused("amount is " + minorUnits + "; expected minor units from 1 to " + MAX_AMOUNT);
        }
        String code = currency;
        if (code == null || !isCurrency(code)) {
            throw refused("currency is not one of ISO 4217; expected a code such as EUR");
        }
        String account = to;
        if (account == null || !account.matches("[A-Za-z0-9-]{1,34}")) {
            throw refused("to is not an account; expected 1 to 34 letters, digits and dashes");
        }
        return new Payment(id, minorUnits, code, account);
    }

    private static boolean isCurrency(String code) {
        return code.equals(code.toUpperCase(Locale.ROOT))
                && Currency.getAvailableCurrencies().stream()
                        .anyMatch(c -> c.getCurrencyCode().equals(code));
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(400, "The payment cannot be made", detail + ".");
    }
}
