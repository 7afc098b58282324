package dev.crosscut.servlet;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** The container's reader of a request, with a copy of what was read, as the bytes that it comes to. */
final class CopiedReader extends FilterReader {

    private final TextEncoder copy;

    CopiedReader(Reader container, TextEncoder copy) {
        super(container);
        this.copy = copy;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        int read = super.read(target, offset, length);
        if (read > 0) {
            copy.write(target, offset, read);
        }
        return read;
    }
}
