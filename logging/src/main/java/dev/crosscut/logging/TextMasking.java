package dev.crosscut.logging;

import java.util.Set;

/*
 * What is built in of masking text: a pass forward. Each rule has a character at which it looks around; where a text has
 * none of these, or no rule finds anything, the pass allocates nothing and the text is returned as it is. Where something
 * was hidden, the next pass looks at what that had kept apart, until nothing changes: masking is idempotent.
 *
 * Rules look backwards as far as what was masked last, and never at a character more often than a constant number of times:
 * they are bounded, or what they looked at is masked, or they say how far they looked in vain.
 */
final class TextMasking {

    static final String MASK = "***";

    private static final int ASCII = 0x80;
    private static final int MOST_PASSES = 5;

    private enum Trigger {
        SEPARATOR,
        ELEMENT,
        SCHEME,
        JWT,
        AWS_KEY,
        DASH,
        DIGIT,
        AT_SIGN
    }

    private final NamedValues namedValues;
    private final boolean masksNamedValues;
    private final boolean masksUrlUsers;
    private final boolean masksCards;
    private final boolean masksIbans;
    private final Trigger[] triggers = new Trigger[ASCII];
    private final boolean[] isTrigger = new boolean[ASCII];

    TextMasking(Set<MaskPattern> patterns, HiddenNames names) {
        namedValues = new NamedValues(names);
        masksNamedValues = patterns.contains(MaskPattern.NAMED_VALUE);
        masksUrlUsers = patterns.contains(MaskPattern.URL_USER);
        masksCards = patterns.contains(MaskPattern.CARD);
        masksIbans = patterns.contains(MaskPattern.IBAN);
        add(masksNamedValues, "=", Trigger.SEPARATOR);
        add(masksNamedValues || masksUrlUsers, ":", Trigger.SEPARATOR);
        add(masksNamedValues, ">", Trigger.ELEMENT);
        add(patterns.contains(MaskPattern.CREDENTIALS), "Bb", Trigger.SCHEME);
        add(patterns.contains(MaskPattern.JWT), "J", Trigger.JWT);
        add(patterns.contains(MaskPattern.AWS_KEY), "A", Trigger.AWS_KEY);
        add(patterns.contains(MaskPattern.PRIVATE_KEY), "-", Trigger.DASH);
        add(masksCards || masksIbans, "0123456789", Trigger.DIGIT);
        add(patterns.contains(MaskPattern.EMAIL), "@", Trigger.AT_SIGN);
    }

    private void add(boolean isOn, String characters, Trigger trigger) {
        if (isOn) {
            for (int i = 0; i < characters.length(); i++) {
                triggers[characters.charAt(i)] = trigger;
                isTrigger[characters.charAt(i)] = true;
            }
        }
    }

    /** The text masked; the same instance where nothing is hidden. */
    String mask(String text) {
        String masked = text;
        for (int i = 0; i < MOST_PASSES; i++) {
            String before = masked;
            int first = next(before, 0);
            if (first < before.length()) {
                masked = mask(before, first);
            }
            if (masked.equals(before)) {
                return before;
            }
        }
        return masked;
    }

    private int next(String text, int from) {
        boolean[] looked = isTrigger;
        int length = text.length();
        for (int i = from; i < length; i++) {
            char c = text.charAt(i);
            if (c < looked.length && looked[c]) {
                return i;
            }
        }
        return length;
    }

    private String mask(String text, int first) {
        StringBuilder masked = null;
        int from = 0; // what is before it is done
        int noJwtBefore = 0;
        int at = first;
        while (at < text.length()) {
            Trigger trigger = triggers[text.charAt(at)];
            long found = trigger == Trigger.JWT && at < noJwtBefore ? Span.NONE : find(trigger, text, at, from);
            int done;
            if (Span.isFound(found)) {
                if (masked == null) {
                    masked = new StringBuilder(text.length() + MASK.length());
                }
                masked.append(text, from, Span.start(found)).append(Span.isQuoted(found) ? "\"***\"" : MASK);
                from = Span.end(found);
                done = from;
            } else if (trigger == Trigger.JWT) {
                noJwtBefore = Math.max(noJwtBefore, Span.skipped(found));
                done = at + 1;
            } else {
                done = Math.max(at + 1, Span.skipped(found));
            }
            at = next(text, done);
        }
        return masked == null ? text : masked.append(text, from, text.length()).toString();
    }

    private long find(Trigger trigger, String text, int at, int from) {
        return switch (trigger) {
            case SEPARATOR -> findAfterSeparator(text, at, from);
            case ELEMENT -> namedValues.findElement(text, at, from);
            case SCHEME -> Credentials.findScheme(text, at);
            case JWT -> Credentials.findJwt(text, at, from);
            case AWS_KEY -> Credentials.findAwsKey(text, at);
            case DASH -> Credentials.findPrivateKey(text, at);
            case DIGIT -> findNumber(text, at, from);
            case AT_SIGN -> Addresses.findEmail(text, at, from);
        };
    }

    private long findAfterSeparator(String text, int at, int from) {
        long user = masksUrlUsers && text.charAt(at) == ':' ? Addresses.findUrlUser(text, at) : Span.NONE;
        return Span.isFound(user) || !masksNamedValues ? user : namedValues.find(text, at, from);
    }

    private long findNumber(String text, int at, int from) {
        long iban = masksIbans ? Ibans.find(text, at, from) : Span.NONE;
        return Span.isFound(iban) || !masksCards ? iban : CardNumbers.find(text, at);
    }
}
