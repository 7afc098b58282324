package dev.crosscut.logging;

import java.util.Arrays;

/**
 * The fields of an exchange as one format writes them: each with a comma before it, those that correlate first and whole
 * whatever the bound, of the others what is within it. Immutable.
 */
final class ExchangeBlock {

    private final JsonFormat format;
    private final byte[] json;
    private final String[] names;
    private final boolean isShortened;

    private ExchangeBlock(JsonFormat format, byte[] json, String[] names, boolean isShortened) {
        this.format = format;
        this.json = json;
        this.names = names;
        this.isShortened = isShortened;
    }

    static ExchangeBlock of(ExchangeFields fields, JsonFormat format) {
        LineBuffer line = format.blocks().take();
        ExchangeBlock block = new Writing(fields, format, line).block();
        format.blocks().give(line);
        return block;
    }

    /** One that is being written. */
    private static final class Writing {

        private final ExchangeFields fields;
        private final JsonFormat format;
        private final LineBuffer line;
        private final String[] names;
        private int count;

        Writing(ExchangeFields fields, JsonFormat format, LineBuffer line) {
            this.fields = fields;
            this.format = format;
            this.line = line;
            this.names = new String[fields.count()];
        }

        ExchangeBlock block() {
            KeyNames.KeyName[] keys = new KeyNames.KeyName[fields.count()];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = format.keys().of(fields.key(i));
            }
            for (int rank = 0; rank < KeyNames.CORRELATING.size(); rank++) {
                for (int i = keys.length - 1; i >= 0; i--) {
                    if (keys[i].rank() == rank) {
                        writeCorrelating(keys[i], fields.value(i));
                    }
                }
            }
            for (int i = keys.length - 1; i >= 0; i--) {
                if (!keys[i].isCorrelating()) {
                    write(keys[i], fields.value(i));
                }
            }
            String[] written = count == names.length ? names : Arrays.copyOf(names, count);
            return new ExchangeBlock(format, line.toByteArray(), written, line.isShortened());
        }

        private void writeCorrelating(KeyNames.KeyName key, Object value) {
            String name = key.name();
            if (contains(names, count, name)) {
                name = Names.free(name, this::isTaken);
                format.writeCorrelating(line, name, Values.text(value), key.bound());
            } else {
                line.raw(key.start());
                format.writeCorrelating(line, Values.text(value), key.bound());
            }
            names[count++] = name;
        }

        private void write(KeyNames.KeyName key, Object value) {
            int left = format.maxExchange() - line.size();
            String name = key.name();
            boolean isWritten;
            if (contains(names, count, name)) {
                name = Names.free(name, this::isTaken);
                isWritten = format.values().write(line, key.key(), name, value, left);
            } else {
                isWritten = format.values().write(line, key, value, left);
            }
            if (isWritten) {
                names[count++] = name;
            }
        }

        private boolean isTaken(String name) {
            return format.parts().isOurs(name) || contains(names, count, name);
        }
    }

    private static boolean contains(String[] names, int count, String name) {
        int hash = name.hashCode();
        for (int i = 0; i < count; i++) {
            if (names[i].hashCode() == hash && names[i].equals(name)) {
                return true;
            }
        }
        return false;
    }

    JsonFormat format() {
        return format;
    }

    byte[] json() {
        return json;
    }

    boolean has(String name) {
        return contains(names, names.length, name);
    }

    /** Whether not all of the exchange is here. */
    boolean isShortened() {
        return isShortened;
    }
}
