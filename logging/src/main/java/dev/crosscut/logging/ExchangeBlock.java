package dev.crosscut.logging;

/**
 * The fields of an exchange as one format writes them: each with a comma before it, those that correlate first and whole
 * whatever the bound, of the others what is within it. Immutable.
 */
final class ExchangeBlock {

    private final JsonFormat format;
    private final KeyLayout layout;
    private final byte[] json;
    private final boolean isShortened;

    private ExchangeBlock(JsonFormat format, KeyLayout layout, byte[] json, boolean isShortened) {
        this.format = format;
        this.layout = layout;
        this.json = json;
        this.isShortened = isShortened;
    }

    static ExchangeBlock of(ExchangeFields fields, JsonFormat format) {
        KeyLayout layout = format.keys().layout(fields.keys());
        LineBuffer line = format.blocks().take();
        for (int i = 0; i < layout.count(); i++) {
            KeyNames.KeyName name = layout.name(i);
            Object value = fields.value(layout.place(i));
            if (name.isCorrelating()) {
                line.raw(name.start());
                format.writeCorrelating(line, Values.text(value), name.bound());
            } else {
                format.values().write(line, name, value, format.maxExchange() - line.size());
            }
        }
        ExchangeBlock block = new ExchangeBlock(format, layout, line.toByteArray(), line.isShortened());
        format.blocks().give(line);
        return block;
    }

    JsonFormat format() {
        return format;
    }

    byte[] json() {
        return json;
    }

    /** Whether the name is that of a field of the exchange, be there room for it or not. */
    boolean has(String name) {
        return layout.has(name);
    }

    /** Whether not all of the exchange is here. */
    boolean isShortened() {
        return isShortened;
    }
}
