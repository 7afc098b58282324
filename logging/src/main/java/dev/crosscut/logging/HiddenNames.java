package dev.crosscut.logging;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/*
 * Names of fields whose values are not shown.
 *
 * A name is hidden for what it ends in, since the last words of a name say what it is: user_password and db.password are
 * passwords, password_policy is a policy, token_type a type. Upper and lower case, dashes, underscores, dots and
 * camel case make no difference: api_key, X-Api-Key and apiKey are one. Digits and words such as value or hash that follow
 * are passed over: password2, secretValue, token_hash.
 *
 * A short name is hidden where it is words of its own, so that pan is and span is not. One that no other word ends in is
 * hidden wherever it is the end: accesstoken.
 *
 * Matching goes backwards from the end and allocates nothing; the last two characters rule most names out.
 */
final class HiddenNames {

    /** What a setting may name. */
    static final String EXPECTED =
            "the name of a field, or ! and one that is not to be hidden, or !* for none of the built-in";

    private static final String SHOW = "!";
    private static final String SHOW_ALL = "!*";

    private static final int ASCII = 0x80;
    private static final int PASSED_OVER = 3;

    private static final List<String> ANYWHERE = List.of(
            "password",
            "passwd",
            "passphrase",
            "passcode",
            "pwd",
            "secret",
            "secrets",
            "passwords",
            "token",
            "apikey",
            "apikeys",
            "accesskey",
            "secretkey",
            "secretaccesskey",
            "privatekey",
            "credential",
            "credentials",
            "authorization",
            "cookie",
            "cookies",
            "jsessionid",
            "phpsessid");

    private static final List<String> WORDS = List.of(
            "account_key",
            "auth_code",
            "authorization_code",
            "card_no",
            "card_number",
            "client_assertion",
            "code_verifier",
            "connection_string",
            "cvc",
            "cvn",
            "cvv",
            "db_pass",
            "encryption_key",
            "master_key",
            "mfa_code",
            "otp",
            "pan",
            "pass",
            "pin",
            "pin_block",
            "saml_response",
            "security_code",
            "session_id",
            "sig",
            "signing_key",
            "social_security_number",
            "ssh_pass",
            "ssn",
            "totp",
            "track_data",
            "user_pass",
            "x_amz_signature",
            "x_goog_signature");

    /** What ends in the name of a secret and is none: places in a list, counts, tickets, rounds and filters. */
    private static final List<String> NOT_SECRET = List.of(
            "page_token",
            "next_token",
            "continuation_token",
            "fencing_token",
            "by_pass",
            "boarding_pass",
            "season_pass",
            "day_pass",
            "bus_pass",
            "ski_pass",
            "travel_pass",
            "first_pass",
            "second_pass",
            "third_pass",
            "final_pass",
            "single_pass",
            "multi_pass",
            "low_pass",
            "high_pass",
            "band_pass",
            "render_pass");

    private static final List<String> PASSED = List.of(
            "again",
            "base",
            "confirm",
            "confirmation",
            "encoded",
            "encrypted",
            "hash",
            "header",
            "plain",
            "raw",
            "repeat",
            "text",
            "value");

    /** Whose values have spaces: a scheme and what it needs, or a list. */
    private static final List<String> WHOLE_LINES = List.of("authorization", "cookie", "cookies", "connection_string");

    static final HiddenNames BUILT_IN = new HiddenNames(List.of());
    static final HiddenNames NONE = new HiddenNames(List.of(SHOW_ALL));

    /** Letters and digits in lower case. */
    private record Ending(String text, boolean isAnywhere) {}

    private final Endings hidden = new Endings();
    private final Endings shown = new Endings();
    private final Endings passed = new Endings();
    private final Endings wholeLines = new Endings();

    /** The built-in names and these, less what these begin with an exclamation mark for. */
    HiddenNames(Collection<String> more) {
        if (!more.contains(SHOW_ALL)) {
            hidden.add(ANYWHERE, true);
            hidden.add(WORDS, false);
            shown.add(NOT_SECRET, false);
        }
        passed.add(PASSED, true);
        wholeLines.add(WHOLE_LINES, false);
        for (String name : more) {
            if (!name.startsWith(SHOW)) {
                hidden.add(List.of(name), false);
            } else if (!name.equals(SHOW_ALL)) {
                shown.add(List.of(name.substring(SHOW.length())), false);
            }
        }
    }

    static String bare(CharSequence name) {
        StringBuilder bare = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (!isSeparator(name.charAt(i))) {
                bare.append(name.charAt(i));
            }
        }
        return bare.toString().toLowerCase(Locale.ROOT);
    }

    /** Whether a setting may have this. */
    static boolean isName(String text) {
        String name = text.startsWith(SHOW) ? text.substring(SHOW.length()) : text;
        return text.equals(SHOW_ALL)
                || (bare(name).length() > 1
                        && name.chars()
                                .allMatch(
                                        c -> c < ASCII && (Chars.isLetterOrDigit((char) c) || "-_.".indexOf(c) >= 0)));
    }

    /** Whether a name that ends here may be hidden, by its last two characters. */
    boolean mayHide(CharSequence text, int start, int end) {
        if (end - start < 2) {
            return false;
        }
        char last = text.charAt(end - 1);
        char lastButOne = text.charAt(end - 2);
        return isSeparator(last)
                || isSeparator(lastButOne)
                || Chars.isDigit(last)
                || hidden.has(last, lastButOne)
                || passed.has(last, lastButOne);
    }

    boolean hides(CharSequence name) {
        return hides(name, 0, name.length());
    }

    boolean hides(CharSequence text, int start, int end) {
        int last = end;
        for (int i = 0; i <= PASSED_OVER; i++) {
            last = withoutSeparators(text, start, last);
            if (hidden.find(text, start, last) >= 0) {
                return shown.find(text, start, last) < 0;
            }
            int shorter = withoutDigits(text, start, last);
            if (shorter == last) {
                shorter = passed.find(text, start, last);
            }
            if (shorter <= start) {
                return false;
            }
            last = shorter;
        }
        return false;
    }

    /** Whether the value of a hidden name goes on after white space. */
    boolean isWholeLine(CharSequence text, int start, int end) {
        return wholeLines.find(text, start, withoutSeparators(text, start, end)) >= 0;
    }

    private static int withoutSeparators(CharSequence text, int start, int end) {
        int last = end;
        while (last > start && isSeparator(text.charAt(last - 1))) {
            last--;
        }
        return last;
    }

    private static int withoutDigits(CharSequence text, int start, int end) {
        int last = end;
        while (last > start && Chars.isDigit(text.charAt(last - 1))) {
            last--;
        }
        return last;
    }

    /** What names may end in, by the last two characters. */
    private static final class Endings {

        private static final int FIVE_BITS = 31;
        private static final Ending[] EMPTY = {};

        private final Ending[][] buckets = new Ending[(FIVE_BITS + 1) * (FIVE_BITS + 1)][];

        Endings() {
            Arrays.fill(buckets, EMPTY);
        }

        void add(List<String> names, boolean anywhere) {
            for (String name : names) {
                String text = bare(name);
                int bucket = bucket(text.charAt(text.length() - 1), text.charAt(text.length() - 2));
                Ending[] grown = Arrays.copyOf(buckets[bucket], buckets[bucket].length + 1);
                grown[grown.length - 1] = new Ending(text, anywhere);
                buckets[bucket] = grown;
            }
        }

        /** Letters of either case are in one bucket; what else shares it is told apart by comparison. */
        private static int bucket(char last, char lastButOne) {
            return (last & FIVE_BITS) << 5 | (lastButOne & FIVE_BITS);
        }

        boolean has(char last, char lastButOne) {
            return buckets[bucket(last, lastButOne)].length > 0;
        }

        /** Where the one begins that a name has; -1 for none. */
        int find(CharSequence text, int start, int end) {
            int lastButOne = end - 2;
            while (lastButOne >= start && isSeparator(text.charAt(lastButOne))) {
                lastButOne--;
            }
            if (lastButOne < start) {
                return -1;
            }
            for (Ending ending : buckets[bucket(text.charAt(end - 1), text.charAt(lastButOne))]) {
                int first = first(ending.text, text, start, end);
                if (first >= 0 && (ending.isAnywhere || isWordStart(text, start, first))) {
                    return first;
                }
            }
            return -1;
        }

        private static int first(String ending, CharSequence text, int start, int end) {
            int at = end;
            for (int i = ending.length() - 1; i >= 0; i--) {
                at--;
                while (at >= start && isSeparator(text.charAt(at))) {
                    at--;
                }
                if (at < start || Chars.lower(text.charAt(at)) != ending.charAt(i)) {
                    return -1;
                }
            }
            return at;
        }
    }

    /** After no letter, after a digit, at the hump of a camel, or at the last capital of several. */
    private static boolean isWordStart(CharSequence text, int start, int at) {
        if (at == start || !Chars.isLetter(text.charAt(at - 1))) {
            return true;
        }
        boolean isCapital = Chars.isUpper(text.charAt(at));
        boolean followsCapital = Chars.isUpper(text.charAt(at - 1));
        return isCapital && (!followsCapital || (at + 1 < text.length() && !Chars.isUpper(text.charAt(at + 1))));
    }

    private static boolean isSeparator(char c) {
        return c == '-' || c == '_' || c == '.' || c == ' ' || c == '[' || c == ']' || c == '*';
    }
}
