package dev.crosscut.logging;

import java.util.Map;
import java.util.TreeMap;

/** International bank account numbers (ISO 13616): a country, its length, and a right checksum. In groups of four or not. */
final class Ibans {

    private static final int SHOWN = 4;
    private static final int GROUP = 4;
    private static final int MODULUS = 97;

    /** Country and length, as the registry of SWIFT has them. */
    private static final String REGISTRY =
            "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18"
                    + "DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28"
                    + "LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33"
                    + "SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

    private static final Map<String, Integer> LENGTHS = lengths();

    private Ibans() {}

    private static Map<String, Integer> lengths() {
        Map<String, Integer> lengths = new TreeMap<>();
        for (int i = 0; i < REGISTRY.length(); i += 4) {
            lengths.put(REGISTRY.substring(i, i + 2), Integer.parseInt(REGISTRY, i + 2, i + 4, 10));
        }
        return Map.copyOf(lengths);
    }

    /** The number whose first check digit is at an index, without its country and its last four characters. */
    static long find(String text, int at, int from) {
        int start = at - 2;
        if (start < from
                || !Chars.isUpper(text.charAt(at - 1))
                || !Chars.isUpper(text.charAt(start))
                || Chars.isLetterOrDigit(text, start - 1)
                || !Chars.isDigit(text, at + 1)) {
            return Span.NONE;
        }
        Integer length = LENGTHS.get(text.substring(start, at));
        return length == null ? Span.NONE : whole(text, start, length.intValue());
    }

    private static long whole(String text, int start, int length) {
        boolean isGrouped = Chars.is(' ', text, start + GROUP);
        int rest = 0; // of the division by 97, first of what follows the check digits, then of them
        int head = 0;
        int cut = start;
        int at = start;
        for (int i = 0; i < length; i++, at++) {
            if (isGrouped && i > 0 && i % GROUP == 0) {
                if (!Chars.is(' ', text, at)) {
                    return Span.NONE;
                }
                at++;
            }
            int value = at < text.length() ? value(text.charAt(at)) : -1;
            if (value < 0) {
                return Span.NONE;
            }
            if (i < GROUP) {
                head = append(head, value);
            } else {
                rest = append(rest, value) % MODULUS;
            }
            if (i == length - SHOWN) {
                cut = at;
            }
        }
        boolean isWhole = !Chars.isLetterOrDigit(text, at);
        // The head comes last in the division; its two letters and two digits are six digits.
        return isWhole && (rest * 1_000_000 + head) % MODULUS == 1 ? Span.of(start + 2, cut) : Span.NONE;
    }

    private static int append(int number, int value) {
        return number * (value < 10 ? 10 : 100) + value;
    }

    private static int value(char c) {
        if (Chars.isDigit(c)) {
            return c - '0';
        }
        return Chars.isUpper(c) ? c - 'A' + 10 : -1;
    }
}
