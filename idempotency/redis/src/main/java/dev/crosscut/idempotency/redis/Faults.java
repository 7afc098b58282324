package dev.crosscut.idempotency.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says of what Redis refuses, or does not answer, what it is and what to do. Knows no credentials, so shows none. */
final class Faults {

    /**
     * A refusal of the server.
     *
     * @param code its first word; where a script met it, Redis 6 has it within the text
     * @param meaning what it says
     */
    private record Refusal(String code, String meaning) {}

    private static final List<Refusal> REFUSALS = List.of(
            new Refusal("READONLY", "it is a replica; expected the master, or Sentinel, or a cluster to find it by"),
            new Refusal(
                    "OOM",
                    "its memory is full; raise maxmemory, shorten the retention, or keep less in it. What is running keeps"
                            + " its record, but cannot complete it until there is memory"),
            new Refusal("LOADING", "it is loading its data after a start; try again later"),
            new Refusal("MASTERDOWN", "it is a replica that has lost its master; expected the master"),
            new Refusal("CLUSTERDOWN", "the cluster has no master for the slot of the key; see CLUSTER INFO"),
            new Refusal("NOREPLICAS", "it has fewer replicas than its min-replicas-to-write"),
            new Refusal("MISCONF", "it cannot save to its disk and takes no writes; see its log"),
            new Refusal(
                    "NOPERM", "the user of the connection may not do that; the guide lists what it must be allowed"),
            new Refusal("NOAUTH", "it asks for credentials; expected them in the URI"),
            new Refusal("WRONGPASS", "it does not take the credentials"),
            new Refusal("BUSY", "a script of somebody else is blocking it"),
            new Refusal("TRYAGAIN", "the slot of the key is moving to another server; try again later"),
            new Refusal("ASK", "the slot of the key is moving to another server; try again later"),
            new Refusal("MOVED", "it is a node of a cluster; expected crosscut.idempotency.redis.cluster=true"),
            new Refusal(
                    "WRONGTYPE",
                    "the key holds no string, so no record; nothing was overwritten. Delete it where"
                            + " nothing else needs it, or choose another prefix"));

    private static final Pattern MOVED = Pattern.compile("MOVED [0-9]+ (\\S+):([0-9]{1,5})");

    private Faults() {}

    /**
     * What to throw.
     *
     * @param server where it is
     * @param what what was asked, as words that follow "could not"
     * @param cause what happened
     */
    static IllegalStateException of(String server, String what, Throwable cause) {
        return new IllegalStateException("Redis at " + server + " could not " + what + ": " + meaning(cause), cause);
    }

    static IllegalStateException late(String server, String what, long millis) {
        return new IllegalStateException("Redis at " + server + " could not " + what + ": it has not answered within "
                + millis + " ms; it is hung, overloaded or cut off, and may still carry it out");
    }

    /**
     * A server that has a key, as another one said.
     *
     * @param host its host
     * @param port its port
     */
    record Moved(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Where the key is, null where the server did not say that it is elsewhere. */
    static @Nullable Moved moved(IllegalStateException thrown) {
        Throwable cause = thrown.getCause();
        Matcher moved = MOVED.matcher(cause == null ? "" : String.valueOf(cause.getMessage()));
        return moved.matches() ? new Moved(moved.group(1), Integer.parseInt(moved.group(2))) : null;
    }

    /** Whether the server carries the command out for nobody, or not for this user. */
    static boolean isForbidden(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return cause instanceof RedisCommandExecutionException
                && (String.valueOf(cause.getMessage()).startsWith("NOPERM")
                        || String.valueOf(cause.getMessage()).startsWith("ERR unknown command"));
    }

    private static String meaning(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        Refusal refusal = refusal(rootMessage(cause));
        if (refusal != null) {
            return refusal.meaning + " (" + refusal.code + ")";
        }
        if (cause instanceof RedisConnectionException) {
            return "it cannot be reached; " + rootMessage(cause);
        }
        if (cause instanceof RedisException) {
            return message.lines().findFirst().orElse("");
        }
        return rootMessage(cause);
    }

    private static @Nullable Refusal refusal(String message) {
        for (Refusal refusal : REFUSALS) {
            int at = message.indexOf(refusal.code);
            int end = at + refusal.code.length();
            if (at >= 0
                    && (at == 0 || !Character.isLetter(message.charAt(at - 1)))
                    && (end == message.length() || message.charAt(end) == ' ')) {
                return refusal;
            }
        }
        return null;
    }

    private static String rootMessage(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) { // which is never the exception itself
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
