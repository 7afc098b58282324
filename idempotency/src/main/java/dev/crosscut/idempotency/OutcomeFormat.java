package dev.crosscut.idempotency;

import dev.crosscut.core.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the engine keeps in a record, as bytes. Immutable.
 *
 * <p><b>Format 1.</b> One byte 1; one byte that says what it is ({@link Kind}); one byte of flags: 1 deflated (RFC 1951), 2
 * encrypted. Where it is encrypted, one byte with the length of the key's name, the name in UTF-8, and 12 bytes of nonce. Four
 * bytes with the length of the content as it was given, so that a part of an outcome is never taken for the whole. Then the
 * content, encrypted by AES-GCM (NIST SP 800-38D) with a tag of 128 bits after it was deflated. Authenticated with it are the
 * record key and all bytes before the content, so that no outcome can be moved to another record.
 */
final class OutcomeFormat {

    /** What a record holds. */
    enum Kind {
        VALUE(1),
        REPLY(2),
        TOMBSTONE(3),
        PROGRESS(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw unreadable("it is of kind " + code, "1 to 4; a newer release may have written it");
        }
    }

    /** What a record held. */
    static final class Content {
        final Kind kind;
        final byte[] bytes;

        private Content(Kind kind, byte[] bytes) {
            this.kind = kind;
            this.bytes = bytes;
        }
    }

    private static final byte VERSION = 1;
    private static final int DEFLATED = 1;
    private static final int ENCRYPTED = 2;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int LONGEST_NAME = 255;
    private static final int HEADER_MAX = 3 + 1 + LONGEST_NAME + NONCE + 4;
    private static final int PART = 4096;

    private final int compressAbove;
    private final Optional<String> active;
    private final Map<String, Secret> keys;
    private final SecureRandom random = new SecureRandom();

    /**
     * Deflates what is longer; Integer.MAX_VALUE for nothing.
     *
     * @throws IllegalArgumentException if the active key is missing, or a key is none
     */
    OutcomeFormat(int compressAbove, Optional<String> active, Map<String, Secret> keys) {
        this.compressAbove = compressAbove;
        this.active = active;
        this.keys = Map.copyOf(keys);
        keys.keySet().forEach(OutcomeFormat::checkName);
        keys.keySet().forEach(this::key);
        active.ifPresent(this::key);
    }

    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > LONGEST_NAME) {
            throw new IllegalArgumentException("the name of an encryption key has " + length + " bytes: '" + name
                    + "'; expected 1 to " + LONGEST_NAME);
        }
    }

    ByteBuffer write(RecordKey key, Kind kind, byte[] content) {
        byte[] bytes = content.length > compressAbove ? deflated(content) : content;
        boolean isDeflated = bytes.length < content.length;
        ByteBuffer header = ByteBuffer.allocate(HEADER_MAX)
                .put(VERSION)
                .put((byte) kind.code)
                .put((byte) ((isDeflated ? DEFLATED : 0) | (active.isPresent() ? ENCRYPTED : 0)));
        byte[] nonce = new byte[NONCE];
        if (active.isPresent()) {
            byte[] name = active.get().getBytes(StandardCharsets.UTF_8);
            random.nextBytes(nonce);
            header.put((byte) name.length).put(name).put(nonce);
        }
        header.putInt(content.length).flip();
        bytes = isDeflated ? bytes : content;
        if (active.isPresent()) {
            bytes = crypt(Cipher.ENCRYPT_MODE, active.get(), nonce, key, header, bytes);
        }
        return ByteBuffer.allocate(header.remaining() + bytes.length)
                .put(header)
                .put(bytes)
                .flip();
    }

    Content read(RecordKey key, ByteBuffer stored) {
        ByteBuffer in = stored.duplicate();
        try {
            byte version = in.get();
            if (version != VERSION) {
                throw unreadable("it is of format " + version, VERSION + "; a newer release has written it");
            }
            Kind kind = Kind.of(in.get());
            int flags = in.get();
            if ((flags & ~(DEFLATED | ENCRYPTED)) != 0) {
                throw unreadable("it has flags " + flags, "0 to 3; a newer release has written it");
            }
            String name = "";
            byte[] nonce = new byte[NONCE];
            if ((flags & ENCRYPTED) != 0) {
                byte[] text = new byte[in.get() & 0xff];
                in.get(text).get(nonce);
                name = new String(text, StandardCharsets.UTF_8);
            }
            int length = in.getInt();
            ByteBuffer header = stored.duplicate().limit(in.position());
            byte[] bytes = new byte[in.remaining()];
            in.get(bytes);
            if ((flags & ENCRYPTED) != 0) {
                if (bytes.length < TAG_BITS / 8) {
                    throw new BufferUnderflowException(); // which ciphers of the JDK answer in several ways
                }
                bytes = crypt(Cipher.DECRYPT_MODE, name, nonce, key, header, bytes);
            }
            if ((flags & DEFLATED) != 0) {
                bytes = inflated(bytes, length);
            }
            if (bytes.length != length) {
                throw unreadable("it has " + bytes.length + " bytes of content", Integer.toString(length));
            }
            return new Content(kind, bytes);
        } catch (BufferUnderflowException e) {
            throw unreadable("it ends early, after " + stored.remaining() + " bytes", "a whole outcome");
        }
    }

    private byte[] crypt(int mode, String name, byte[] nonce, RecordKey key, ByteBuffer header, byte[] bytes) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key(name), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(key.bytes());
            cipher.updateAAD(header.duplicate());
            return cipher.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            if (mode == Cipher.DECRYPT_MODE) {
                throw unreadable(
                        "it does not decrypt with the key " + name + " (" + e.getMessage() + ")",
                        "an outcome of this record, unchanged, and the key that it was written with");
            }
            throw new IllegalStateException("the key " + name + " cannot encrypt: " + e.getMessage(), e);
        }
    }

    /** Read anew each time, so that a secret that rotates takes effect. */
    private SecretKeySpec key(String name) {
        Secret secret = keys.get(name);
        if (secret == null) {
            throw new IllegalArgumentException("there is no encryption key " + name
                    + "; expected it under crosscut.idempotency.encryption-keys." + name
                    + ", for as long as outcomes are kept that it encrypted");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(secret.reveal().strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the encryption key " + name + " is not Base64; expected 16, 24 or 32 bytes in Base64");
        }
        if (bytes.length != 16 && bytes.length != 24 && bytes.length != 32) {
            throw new IllegalArgumentException("the encryption key " + name + " has " + bytes.length
                    + " bytes; expected 16, 24 or 32 bytes in Base64, as openssl rand -base64 32 makes them");
        }
        return new SecretKeySpec(bytes, "AES");
    }

    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(bytes);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2);
            byte[] part = new byte[PART];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /** Makes room as it goes, not for a length that it was told. */
    private static byte[] inflated(byte[] bytes, int length) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(bytes);
            ByteArrayOutputStream out = new ByteArrayOutputStream(PART);
            byte[] part = new byte[PART];
            int more = 1;
            while (more > 0 && out.size() <= length) {
                more = inflater.inflate(part);
                out.write(part, 0, more);
            }
            if (!inflater.finished() || inflater.getRemaining() > 0) {
                throw unreadable("it does not inflate to " + length + " bytes", "whole data by RFC 1951");
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            throw unreadable("it does not inflate (" + e.getMessage() + ")", "data by RFC 1951");
        } finally {
            inflater.end();
        }
    }

    private static IllegalArgumentException unreadable(String what, String expected) {
        return new IllegalArgumentException("the stored outcome cannot be read: " + what + "; expected " + expected);
    }
}
