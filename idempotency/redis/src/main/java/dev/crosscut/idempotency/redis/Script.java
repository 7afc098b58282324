package dev.crosscut.idempotency.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The scripts, each of which carries out one call on one key, atomically, by the clock of the server.
 *
 * <p>Each replies with an array that begins with a status: {@link #YES}, {@link #NO}, or {@link #FOREIGN} where the key
 * holds something that is no {@link RedisRecord}. They use nothing that is newer than Redis 6.2, and no numbers beyond those
 * that a double has exactly: the owner stays bytes, times are written in halves of 32 bits.
 */
enum Script {
    /**
     * Takes owner, lease, retention, fingerprint, the owner and the epoch of the abandoned ticket (0 for none), and whether
     * a grant must write. Replies {@code YES, epoch, progress} or {@code NO, now, record}.
     */
    CLAIM("""
            if expires > now then
              if state == 1 and owner == ARGV[1] then
                if ARGV[7] == '1' then redis.call('SET', KEYS[1], raw, 'PX', left()) end
                return {1, epoch, string.sub(raw, 65)}
              elseif state == 2 or (state == 1 and lease > now) then
                return {0, now, raw}
              elseif state == 1 then
                if owner ~= ARGV[5] or epoch ~= tonumber(ARGV[6]) then return {0, now, raw} end
                progress = string.sub(raw, 65)
              end
            end
            epoch = epoch + 1
            lease = now + tonumber(ARGV[2])
            expires = now + tonumber(ARGV[3])
            write(1, ARGV[1], ARGV[4], progress)
            return {1, epoch, progress}
            """),

    /** Takes owner, epoch, retention, outcome, and whether it must write even what is done already. */
    COMPLETE("""
            if expires <= now or owner ~= ARGV[1] or epoch ~= tonumber(ARGV[2]) or state == 3 then return {0} end
            if state == 1 then
              lease = 0
              expires = now + tonumber(ARGV[3])
              write(2, owner, string.sub(raw, 33, 64), ARGV[4])
            elseif ARGV[5] == '1' then
              redis.call('SET', KEYS[1], raw, 'PX', left())
            end
            return {1}
            """),

    /** Takes owner and epoch. */
    RELEASE("""
            if expires <= now or owner ~= ARGV[1] or epoch ~= tonumber(ARGV[2]) or state ~= 1 then return {0} end
            lease = 0
            write(3, owner, string.sub(raw, 33, 64), '')
            return {1}
            """),

    /** Takes owner, epoch, lease and progress. */
    RENEW("""
            if expires <= now or owner ~= ARGV[1] or epoch ~= tonumber(ARGV[2]) or state ~= 1 then return {0} end
            lease = now + tonumber(ARGV[3])
            if lease > expires then expires = lease end
            write(1, owner, string.sub(raw, 33, 64), ARGV[4])
            return {1}
            """),

    /** Replies {@code YES, now, header, length of all} or {@code NO}. */
    FIND("""
            if expires <= now then return {0} end
            return {1, now, string.sub(raw, 1, 64), #raw}
            """);

    static final long YES = 1;
    static final long NO = 0;
    static final long FOREIGN = -1;

    private static final String READ = """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local raw = redis.call('GET', KEYS[1])
            local state, owner, epoch, lease, expires, progress = 0, '', 0, 0, 0, ''
            if raw then
              if #raw >= 64 and string.sub(raw, 1, 3) == 'CX\\1' then
                state = string.byte(raw, 4)
                owner = string.sub(raw, 5, 12)
                local lh, ll, eh, el
                epoch, lh, ll, eh, el = struct.unpack('>I4I4I4I4I4', raw, 13)
                lease = lh * 4294967296 + ll
                expires = eh * 4294967296 + el
              end
              if state < 1 or state > 3 or epoch < 1 or epoch >= 2147483647 then
                return {-1, #raw, string.sub(raw, 1, 3)}
              end
            end
            """;

    private static final String WRITE = """
            local function left() return string.format('%.0f', expires - now) end
            local function pack(ms) return struct.pack('>I4I4', math.floor(ms / 4294967296), ms % 4294967296) end
            local function write(state, owner, fingerprint, bytes)
              redis.call('SET', KEYS[1],
                'CX\\1' .. string.char(state) .. owner .. struct.pack('>I4', epoch) .. pack(lease) .. pack(expires)
                  .. fingerprint .. bytes, 'PX', left())
            end
            """;

    private final String text;
    private final String sha;

    Script(String body) {
        text = READ + WRITE + body;
        try {
            sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java platform has SHA-1", e);
        }
    }

    byte[] text() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    String sha() {
        return sha;
    }

    /** As errors name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
