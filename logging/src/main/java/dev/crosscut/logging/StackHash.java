package dev.crosscut.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A number by which exceptions that are thrown in the same way are found together, in all instances of a service and in
 * its next version.
 *
 * <p>It is made of the classes of an exception and of its causes, and of class and method of each of their frames but
 * those that the JVM makes up as it goes: proxies, accessors, hidden classes. Neither messages nor line numbers are in it,
 * nor what numbers the compiler gave to lambdas and anonymous classes.
 */
final class StackHash {

    private static final int LONGEST_CHAIN = 100;
    private static final long OFFSET = 0xcbf29ce484222325L; // those of FNV-1a
    private static final long PRIME = 0x100000001b3L;

    private StackHash() {}

    /** Sixteen hexadecimal digits. */
    static String of(IThrowableProxy thrown) {
        long hash = OFFSET;
        int length = 0;
        for (IThrowableProxy each = thrown; each != null && length < LONGEST_CHAIN; each = each.getCause()) {
            hash = add(hash, stable(String.valueOf(each.getClassName())));
            hash = frames(hash, each.getStackTraceElementProxyArray(), each.getCommonFrames());
            length++;
        }
        return HexFormat.of().toHexDigits(hash);
    }

    private static long frames(long before, StackTraceElementProxy @Nullable [] frames, int common) {
        long hash = before;
        for (int i = 0; frames != null && i < frames.length - common; i++) {
            StackTraceElement frame = frames[i].getStackTraceElement();
            if (!isGenerated(frame.getClassName())) {
                hash = add(hash, stable(frame.getClassName()));
                hash = add(hash, stable(frame.getMethodName()));
            }
        }
        return hash;
    }

    private static long add(long hash, String text) {
        return (hash ^ text.hashCode()) * PRIME;
    }

    private static boolean isGenerated(String className) {
        return className.startsWith("jdk.internal.reflect.")
                || className.startsWith("sun.reflect.")
                || className.startsWith("java.lang.reflect.")
                || className.startsWith("java.lang.invoke.")
                || className.startsWith("jdk.proxy")
                || className.startsWith("com.sun.proxy.")
                || className.contains("$$")
                || className.contains("$Proxy")
                || className.indexOf('/') >= 0;
    }

    /** A name without the numbers at its end that a compiler may give anew: {@code lambda$pay$0}, {@code Payments$1}. */
    private static String stable(String name) {
        int end = name.length();
        while (end > 0 && Character.isDigit(name.charAt(end - 1))) {
            end--;
        }
        return end < name.length() && end > 0 && name.charAt(end - 1) == '$' ? name.substring(0, end) : name;
    }
}
