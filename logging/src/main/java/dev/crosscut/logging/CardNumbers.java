package dev.crosscut.logging;

/*
 * Numbers of payment cards: 13 to 19 digits of an issuer's range whose check digit is right (ISO/IEC 7812-1, Luhn), in one
 * piece or as cards print them, in groups with one space or one dash between them.
 *
 * Not taken for one: part of a longer run of digits, part of a word or of a hexadecimal id, part of a decimal number. Times
 * since the epoch begin with 1, as no issuer here does.
 */
final class CardNumbers {

    private static final int SHORTEST = 13;
    private static final int LONGEST = 19;
    private static final int GROUP = 4;
    private static final int SHOWN = 4;

    /** The first four digits from and to, and the lengths that the issuer uses, one bit each. */
    private static final int[][] ISSUERS = {
        {2200, 2204, lengths(16, 17, 18, 19)}, // Mir
        {2221, 2720, lengths(16)}, // Mastercard
        {3000, 3059, lengths(14, 16, 17, 18, 19)}, // Diners Club
        {3095, 3095, lengths(14, 16, 17, 18, 19)},
        {3400, 3499, lengths(15)}, // American Express
        {3528, 3589, lengths(16, 17, 18, 19)}, // JCB
        {3600, 3699, lengths(14, 16, 17, 18, 19)}, // Diners Club
        {3700, 3799, lengths(15)}, // American Express
        {3800, 3999, lengths(14, 16, 17, 18, 19)}, // Diners Club
        {4000, 4999, lengths(13, 16, 19)}, // Visa
        {5018, 5020, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro, Dankort
        {5038, 5038, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
        {5080, 5089, lengths(16)}, // RuPay
        {5100, 5599, lengths(16)}, // Mastercard
        {5893, 5893, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
        {6000, 6099, lengths(16, 17, 18, 19)}, // Discover, RuPay, Hipercard
        {6200, 6299, lengths(16, 17, 18, 19)}, // UnionPay
        {6304, 6304, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
        {6440, 6599, lengths(16, 17, 18, 19)}, // Discover
        {6759, 6763, lengths(13, 14, 15, 16, 17, 18, 19)}, // Maestro
        {8100, 8299, lengths(16, 17, 18, 19)}, // UnionPay, RuPay
        {9792, 9792, lengths(16)}, // Troy
    };

    private CardNumbers() {}

    private static int lengths(int... lengths) {
        int bits = 0;
        for (int length : lengths) {
            bits |= 1 << length;
        }
        return bits;
    }

    /** The number that begins with the digit at an index, without its last four digits. */
    static long find(String text, int at) {
        int groupEnd = endOfDigits(text, at);
        if (!mayBegin(text, at)) {
            return Span.skip(groupEnd);
        }
        int digits = groupEnd - at;
        if (digits >= SHORTEST) {
            return isCard(text, at, groupEnd, digits) ? span(text, at, groupEnd) : Span.skip(groupEnd);
        }
        int end = digits == GROUP ? endOfGroups(text, at, groupEnd, true) : at;
        return end > at ? span(text, at, end) : Span.skip(groupEnd);
    }

    /** Where digits end that begin at an index and are in the groups of a card, of whatever issuer; the index for none. */
    static int endOfGroups(String text, int at) {
        int firstEnd = endOfDigits(text, at);
        return firstEnd - at == GROUP ? endOfGroups(text, at, firstEnd, false) : at;
    }

    private static int endOfDigits(String text, int at) {
        int end = at;
        while (Chars.isDigit(text, end)) {
            end++;
        }
        return end;
    }

    private static boolean mayBegin(String text, int at) {
        if (at == 0) {
            return true;
        }
        char before = text.charAt(at - 1);
        if (before == 'B' && Chars.is('%', text, at - 2)) {
            return true; // track 1 of a magnetic stripe
        }
        return before != '_' && !Chars.isLetterOrDigit(before) && !(before == '.' && Chars.isDigit(text, at - 2));
    }

    private static boolean mayEnd(String text, int end) {
        return !Chars.isLetterOrDigit(text, end)
                && !Chars.is('_', text, end)
                && !(Chars.is('.', text, end) && Chars.isDigit(text, end + 1));
    }

    /** Groups of four with a rest, 4-6-5, or 4-6-4; the longest that is a card. */
    private static int endOfGroups(String text, int at, int firstEnd, boolean isChecked) {
        if (!Chars.is(' ', text, firstEnd) && !Chars.is('-', text, firstEnd)) {
            return at;
        }
        char separator = text.charAt(firstEnd);
        int best = at;
        int digits = GROUP;
        int end = firstEnd;
        for (int group = 2; digits < LONGEST && Chars.is(separator, text, end); group++) {
            int next = endOfDigits(text, end + 1);
            int length = next - end - 1;
            boolean isLong = group == 2 && length == 6;
            if (length == 0 || (length > GROUP && !isLong && !(length == 5 && digits == 10))) {
                break;
            }
            digits += length;
            end = next;
            if (digits >= SHORTEST && (isChecked ? isCard(text, at, end, digits) : digits <= LONGEST)) {
                best = end;
            }
            if (length != GROUP && !isLong) {
                break;
            }
        }
        return best;
    }

    private static boolean isCard(String text, int start, int end, int digits) {
        return digits <= LONGEST
                && mayEnd(text, end)
                && isIssued(text, start, digits)
                && hasCheckDigit(text, start, end);
    }

    private static boolean isIssued(String text, int start, int digits) {
        int first = 0;
        for (int i = 0; i < GROUP; i++) {
            first = first * 10 + text.charAt(start + i) - '0';
        }
        for (int[] issuer : ISSUERS) {
            if (first <= issuer[1]) {
                return first >= issuer[0] && (issuer[2] & 1 << digits) != 0;
            }
        }
        return false;
    }

    private static boolean hasCheckDigit(String text, int start, int end) {
        int sum = 0;
        boolean twice = false;
        for (int i = end - 1; i >= start; i--) {
            char c = text.charAt(i);
            if (Chars.isDigit(c)) {
                int digit = c - '0';
                int weighed = twice ? digit * 2 : digit;
                sum += weighed > 9 ? weighed - 9 : weighed;
                twice = !twice;
            }
        }
        return sum % 10 == 0;
    }

    private static long span(String text, int start, int end) {
        int shown = 0;
        int cut = end;
        while (shown < SHOWN) {
            cut--;
            shown += Chars.isDigit(text.charAt(cut)) ? 1 : 0;
        }
        return Span.of(start, cut);
    }
}
