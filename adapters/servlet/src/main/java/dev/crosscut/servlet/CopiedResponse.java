package dev.crosscut.servlet;

import dev.crosscut.core.BodyCopy;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** A response whose body is copied as it goes to the container. All else, and when it is sent, is the container's affair. */
final class CopiedResponse extends HttpServletResponseWrapper {

    private final CopyStream copy;
    private @Nullable ServletOutputStream stream;
    private @Nullable PrintWriter writer;

    CopiedResponse(HttpServletResponse response, BodyCopy copy) {
        super(response);
        this.copy = new CopyStream(copy);
    }

    /** Asks the container too: it knows which of the two was called, and what of a reset or a forward takes that back. */
    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        ServletOutputStream container = super.getOutputStream();
        ServletOutputStream open = stream;
        if (open == null) {
            open = new CopiedOutput(container, copy);
            stream = open;
        }
        return open;
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        PrintWriter container = super.getWriter();
        PrintWriter open = writer;
        if (open == null) {
            open = new CopiedWriter(container, copy, Charset.forName(getCharacterEncoding()));
            writer = open;
        }
        return open;
    }

    // What is not sent

    @Override
    public void reset() {
        super.reset();
        clear();
    }

    @Override
    public void resetBuffer() {
        super.resetBuffer();
        clear();
    }

    private void clear() {
        copy.clear();
        stream = null;
        writer = null;
    }

    /** The container sends nothing of it, but an answer of its own. */
    void drop() {
        clear();
        close();
    }

    /** The container takes nothing more. */
    void close() {
        copy.close();
    }

    @Override
    public void sendError(int status) throws IOException {
        super.sendError(status);
        drop();
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        super.sendError(status, message);
        drop();
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        super.sendRedirect(location);
        drop();
    }

    @Override
    public void sendRedirect(String location, int status) throws IOException {
        super.sendRedirect(location, status);
        drop();
    }

    @Override
    public void sendRedirect(String location, boolean clearBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearBuffer);
    }

    @Override
    public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
        super.sendRedirect(location, status, clearBuffer);
        if (clearBuffer) {
            clear();
        }
        close();
    }
}
