package dev.crosscut.logging;

import ch.qos.logback.classic.Level;
import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import dev.crosscut.core.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;

/*
 * The header by which support staff has one request log more:
 *
 *     v1;DEBUG;1764000900;order-42;<HMAC-SHA256 of what is before the last semicolon, as 64 hexadecimal digits>
 *
 * Format. Version, level, end as seconds of the epoch, correlation id or *, signature; always all, in this order, in one
 * spelling, so two texts never mean the same. None of the parts can hold a semicolon: core allows none in ids. The key is
 * text and is used as its UTF-8 bytes, as command-line tools do.
 *
 * Life. An end that is further ahead than the longest life is refused, so that a token that leaks is soon worth nothing,
 * whoever made it. A minute is granted to a maker whose clock is ahead. None is granted after the end.
 *
 * Order of checks. Length and form come first and cost nothing; then the signature, compared in constant time; only then
 * what the token says, so that a reported reason other than that of a bad form or signature is true.
 */
final class DebugHeader {

    static final int SHORTEST_KEY = 32;

    private static final int LONGEST = 1024 + 128; // the longest id that core can be set to, and the rest
    private static final long SKEW_SECONDS = 60;
    private static final String ANY = "*";
    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern FORM =
            Pattern.compile("(v1;(DEBUG|TRACE);([1-9][0-9]{0,11});([^;\\s]{1,1024}));([0-9a-f]{64})");

    private enum Refusal {
        SEVERAL("it was sent more than once"),
        FORM("it is not of the form v1;DEBUG;<seconds>;<correlation id or *>;<signature>"),
        KEY("the key in use is shorter than " + SHORTEST_KEY + " characters"),
        SIGNATURE("its signature is not one of the key in use"),
        EXPIRED("it has expired"),
        TOO_LONG("it ends later than " + DebugSettings.MAX_VALIDITY.key() + " allows"),
        OTHER_ID("it is for another correlation id");

        private final String reason;

        Refusal(String reason) {
            this.reason = reason;
        }
    }

    private final String name;
    private final Secret key;
    private final Duration longestLife;
    private final LongSupplier epochSeconds;
    private final Logger log;
    private final RareReport refused;

    DebugHeader(
            String name, Secret key, Duration longestLife, LongSupplier epochSeconds, Logger log, RareReport refused) {
        this.name = name;
        this.key = key;
        this.longestLife = longestLife;
        this.epochSeconds = epochSeconds;
        this.log = log;
        this.refused = refused;
    }

    /** The level from which on an exchange from outside is to write its lines, as Logback's number; the highest for none. */
    int level(Exchange exchange) {
        List<String> values = exchange.requestHeaders(name);
        if (values.isEmpty()) {
            return Integer.MAX_VALUE;
        }
        String value = values.get(0);
        if (values.size() > 1) {
            return refuse(Refusal.SEVERAL, exchange);
        }
        Matcher form = FORM.matcher(value);
        if (value.length() > LONGEST || !form.matches()) {
            return refuse(Refusal.FORM, exchange);
        }
        String secret = key.reveal();
        if (secret.length() < SHORTEST_KEY) {
            return refuse(Refusal.KEY, exchange);
        }
        if (!MessageDigest.isEqual(sign(form.group(1), secret), HexFormat.of().parseHex(form.group(5)))) {
            return refuse(Refusal.SIGNATURE, exchange);
        }
        long left = Long.parseLong(form.group(3)) - epochSeconds.getAsLong();
        if (left <= 0) {
            return refuse(Refusal.EXPIRED, exchange);
        }
        if (left > longestLife.toSeconds() + SKEW_SECONDS) {
            return refuse(Refusal.TOO_LONG, exchange);
        }
        if (!isFor(form.group(4), exchange)) {
            return refuse(Refusal.OTHER_ID, exchange);
        }
        return Level.valueOf(form.group(2)).toInt();
    }

    static byte[] sign(String text, String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    private static boolean isFor(String id, Exchange exchange) {
        return id.equals(ANY)
                || id.equals(exchange.getOrDefault(Key.CORRELATION_ID, ""))
                || id.equals(exchange.getOrDefault(Key.EXTERNAL_CORRELATION_ID, ""));
    }

    private int refuse(Refusal refusal, Exchange exchange) {
        refused.happened();
        long times = refused.due();
        if (times > 0) {
            log.atWarn()
                    .addKeyValue("refused_id", exchange.getOrDefault(Key.CORRELATION_ID, ""))
                    .log("header {} ignored: {} ({} since the last report)", name, refusal.reason, times);
        }
        return Integer.MAX_VALUE;
    }
}
