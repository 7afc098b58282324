package dev.crosscut.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UnsupportedEncodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The request as the handler sees it: one that says when it goes asynchronous, and whose body is read again where it was
 * buffered, and otherwise copied where an observer asks.
 */
final class ExchangeRequest extends HttpServletRequestWrapper {

    private final Dispatched dispatched;
    private final byte @Nullable [] body;
    private final @Nullable CopyStream copy;
    private @Nullable ServletInputStream stream;
    private @Nullable BufferedReader reader;
    private @Nullable Map<String, String[]> parameters;

    ExchangeRequest(
            HttpServletRequest request, Dispatched dispatched, byte @Nullable [] body, @Nullable CopyStream copy) {
        super(request);
        this.dispatched = dispatched;
        this.body = body;
        this.copy = copy;
    }

    // Asynchronous

    @Override
    public AsyncContext startAsync() {
        return dispatched.cycles().begun(super.startAsync(this, dispatched.handlerResponse()), true);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very objects that the handler was given
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
        boolean original = request == this && response == dispatched.handlerResponse();
        return dispatched.cycles().begun(super.startAsync(request, response), original);
    }

    @Override
    public AsyncContext getAsyncContext() {
        return dispatched.cycles().current(super.getAsyncContext());
    }

    // Body

    @Override
    public ServletInputStream getInputStream() throws IOException {
        if (body == null) {
            return copied(super.getInputStream());
        }
        if (reader != null) {
            throw new IllegalStateException("getReader() was called before; expected one of the two on a request");
        }
        return stream(body);
    }

    @Override
    public BufferedReader getReader() throws IOException {
        if (body == null) {
            return copied(super.getReader());
        }
        BufferedReader open = reader;
        if (open != null) {
            return open;
        }
        if (stream != null) {
            throw new IllegalStateException("getInputStream() was called before; expected one of the two on a request");
        }
        open = new BufferedReader(new InputStreamReader(stream(body), charset(getCharacterEncoding())));
        reader = open;
        return open;
    }

    private ServletInputStream copied(ServletInputStream container) {
        if (copy == null) {
            return container;
        }
        ServletInputStream open = stream;
        if (open == null) {
            open = new CopiedInput(container, copy);
            stream = open;
        }
        return open;
    }

    private BufferedReader copied(BufferedReader container) throws UnsupportedEncodingException {
        if (copy == null) {
            return container;
        }
        BufferedReader open = reader;
        if (open == null) {
            TextEncoder encoder = new TextEncoder(copy, charset(getCharacterEncoding()));
            open = new BufferedReader(new CopiedReader(container, encoder));
            reader = open;
        }
        return open;
    }

    private static Charset charset(@Nullable String encoding) throws UnsupportedEncodingException {
        try {
            return encoding == null ? StandardCharsets.ISO_8859_1 : Charset.forName(encoding);
        } catch (IllegalArgumentException notOne) {
            throw new UnsupportedEncodingException(encoding);
        }
    }

    /** Empty where the parameters were read from the body, as the container's is. */
    private ServletInputStream stream(byte[] buffered) throws IOException {
        ServletInputStream open = stream;
        if (open == null) {
            open = new BufferedBody(parameters == null ? buffered : new byte[0], super.getInputStream(), dispatched);
            stream = open;
        }
        return open;
    }

    @Override
    public Collection<Part> getParts() throws IOException, ServletException {
        refuseBufferedParts();
        return super.getParts();
    }

    @Override
    public Part getPart(String name) throws IOException, ServletException {
        refuseBufferedParts();
        return super.getPart(name);
    }

    private void refuseBufferedParts() {
        if (body != null) {
            throw new IllegalStateException("a guard has buffered the body of " + getMethod() + " " + getRequestURI()
                    + ", so the container cannot split it into parts; expected the guard to leave multipart requests"
                    + " alone, or the handler to read the body as a stream");
        }
    }

    // Parameters: the container reads those of a form from the body, which it cannot see again.

    private Map<String, String[]> parameters() {
        Map<String, String[]> all = parameters;
        if (all != null) {
            return all;
        }
        if (body == null || stream != null || !FormParameters.isForm(this)) {
            return super.getParameterMap();
        }
        all = FormParameters.parse(super.getParameterMap(), body, getCharacterEncoding());
        parameters = all;
        return all;
    }

    @Override
    public @Nullable String getParameter(String name) {
        String[] values = parameters().get(name);
        return values == null ? null : values[0];
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        return parameters();
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.enumeration(parameters().keySet());
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        String[] values = parameters().get(name);
        return values == null ? null : values.clone();
    }
}
