package dev.crosscut.servlet;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** A response as it looks to a handler once it is committed: its status and header fields can no longer be changed. */
final class CommittedResponse extends HttpServletResponseWrapper {

    CommittedResponse(HttpServletResponse response) {
        super(response);
    }

    private static IllegalStateException committed() {
        return new IllegalStateException("the response is committed; expected this to be called before");
    }

    @Override
    public boolean isCommitted() {
        return true;
    }

    @Override
    public void reset() {
        throw committed();
    }

    @Override
    public void resetBuffer() {
        throw committed();
    }

    @Override
    public void setBufferSize(int size) {
        throw committed();
    }

    @Override
    public void setTrailerFields(Supplier<Map<String, String>> supplier) {
        throw committed();
    }

    // Without effect (Servlet 6.1, section 5.1 and the Javadoc of each)

    @Override
    public void setStatus(int status) {}

    @Override
    public void setHeader(String name, String value) {}

    @Override
    public void addHeader(String name, String value) {}

    @Override
    public void setIntHeader(String name, int value) {}

    @Override
    public void addIntHeader(String name, int value) {}

    @Override
    public void setDateHeader(String name, long date) {}

    @Override
    public void addDateHeader(String name, long date) {}

    @Override
    public void addCookie(Cookie cookie) {}

    @Override
    public void setContentType(String type) {}

    @Override
    public void setContentLength(int length) {}

    @Override
    public void setContentLengthLong(long length) {}

    @Override
    public void setCharacterEncoding(String encoding) {}

    @Override
    public void setCharacterEncoding(Charset encoding) {}

    @Override
    public void setLocale(Locale locale) {}
}
