package dev.crosscut.servlet;

import dev.crosscut.core.Exchange;
import dev.crosscut.core.Key;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletMapping;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.MappingMatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A servlet request. Containers use their request and response objects again for other requests, so once this one has
 * ended it lets go of them and says of headers that there are none.
 */
final class ServletExchange extends Exchange {

    private static final String CONTENT_TYPE = "Content-Type";

    /** What is asked for again and again and has few values, so that it is ready. */
    private static final Map<String, Optional<Object>> SCHEMES =
            Map.of("http", Optional.of("http"), "https", Optional.of("https"));

    private static final Map<String, Optional<Object>> VERSIONS = Map.of(
            "HTTP/1.0",
            Optional.of("1.0"),
            "HTTP/1.1",
            Optional.of("1.1"),
            "HTTP/2.0",
            Optional.of("2"),
            "HTTP/3.0",
            Optional.of("3"));

    private final String method;
    private final String path;
    private final @Nullable String query;
    private final Map<String, String> responseHeaders =
            Collections.synchronizedMap(new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
    private volatile @Nullable HttpServletRequest request;
    private volatile @Nullable HttpServletResponse response;
    private byte @Nullable [] body;
    private volatile OptionalInt lastStatus = OptionalInt.empty();

    ServletExchange(HttpServletRequest request, HttpServletResponse response) {
        super(Kind.SERVER);
        this.request = request;
        this.response = response;
        this.method = request.getMethod();
        this.path = pathOf(request);
        this.query = queryOf(request);
        String route = routeOf(request);
        if (route != null) {
            put(Key.ROUTE, route);
        }
    }

    /** As the client sent it, also where the filter meets the request on a further dispatch. */
    private static String pathOf(HttpServletRequest request) {
        Object sent = switch (request.getDispatcherType()) {
            case FORWARD -> request.getAttribute(RequestDispatcher.FORWARD_REQUEST_URI);
            case ERROR -> request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
            case ASYNC -> request.getAttribute(AsyncContext.ASYNC_REQUEST_URI);
            case INCLUDE, REQUEST -> null;
        };
        return sent instanceof String path ? path : request.getRequestURI();
    }

    private static @Nullable String queryOf(HttpServletRequest request) {
        return switch (request.getDispatcherType()) {
            case FORWARD -> (String) request.getAttribute(RequestDispatcher.FORWARD_QUERY_STRING);
            case ASYNC -> (String) request.getAttribute(AsyncContext.ASYNC_QUERY_STRING);
            case ERROR -> {
                Object sent = request.getAttribute(RequestDispatcher.ERROR_QUERY_STRING); // since Servlet 6.1
                yield sent instanceof String query ? query : request.getQueryString();
            }
            case INCLUDE, REQUEST -> request.getQueryString();
        };
    }

    /** The pattern of the servlet, as the application has it, unless that is one for everything. */
    private static @Nullable String routeOf(HttpServletRequest request) {
        HttpServletMapping mapping = request.getHttpServletMapping();
        if (mapping == null) { // of a wrapper that has none
            return null;
        }
        MappingMatch match = mapping.getMappingMatch();
        String pattern = mapping.getPattern();
        if (request.getDispatcherType() != DispatcherType.REQUEST
                || match == null
                || match == MappingMatch.DEFAULT
                || pattern.equals("/*")) {
            return null;
        }
        String below = request.getServletContext().getContextPath(); // that of the request is as the client spells it
        return below + (pattern.startsWith("/") ? "" : "/") + pattern;
    }

    @Override
    public String protocol() {
        return "http";
    }

    @Override
    public String operation() {
        return method;
    }

    @Override
    public Optional<String> path() {
        return Optional.of(path);
    }

    @Override
    public Optional<String> query() {
        return Optional.ofNullable(query);
    }

    @Override
    public OptionalInt status() {
        HttpServletResponse open = response;
        try {
            return open == null ? lastStatus : OptionalInt.of(open.getStatus());
        } catch (IllegalStateException usedForAnother) {
            return OptionalInt.empty();
        }
    }

    @Override
    public List<String> requestHeaders(String name) {
        HttpServletRequest open = request;
        try {
            Enumeration<String> values = open == null ? Collections.emptyEnumeration() : open.getHeaders(name);
            return values.hasMoreElements() ? Collections.list(values) : List.of();
        } catch (IllegalStateException usedForAnother) {
            return List.of();
        }
    }

    @Override
    public List<String> responseHeaders(String name) {
        HttpServletResponse open = response;
        if (open == null) {
            return List.of();
        }
        if (name.equalsIgnoreCase(CONTENT_TYPE)) { // Tomcat has it among the headers only once they are sent
            return read(() -> {
                String type = open.getContentType();
                return type == null ? List.of() : List.of(type);
            });
        }
        return read(() -> List.copyOf(open.getHeaders(name)));
    }

    @Override
    public Optional<Object> attribute(String name) {
        HttpServletRequest open = request;
        try {
            return open == null ? Optional.empty() : attribute(open, name);
        } catch (IllegalStateException usedForAnother) {
            return Optional.empty();
        }
    }

    private static Optional<Object> attribute(HttpServletRequest open, String name) {
        return switch (name) {
            case "url.scheme" -> scheme(open.getScheme());
            case "server.address" -> Optional.ofNullable(open.getServerName());
            case "server.port" -> Optional.of((long) open.getServerPort());
            case "client.address", "network.peer.address" -> Optional.ofNullable(open.getRemoteAddr());
            case "network.peer.port" -> Optional.of((long) open.getRemotePort());
            case "network.protocol.version" -> version(open.getProtocol());
            default -> Optional.empty();
        };
    }

    private static Optional<Object> scheme(@Nullable String scheme) {
        if (scheme == null) {
            return Optional.empty();
        }
        Optional<Object> known = SCHEMES.get(scheme);
        return known == null ? Optional.of(scheme) : known;
    }

    private static Optional<Object> version(@Nullable String protocol) {
        if (protocol == null || !protocol.startsWith("HTTP/")) {
            return Optional.empty();
        }
        Optional<Object> known = VERSIONS.get(protocol);
        return known == null ? Optional.of(protocol.substring("HTTP/".length())) : known;
    }

    /** Headers, or none where the container uses its object for another request already. */
    private static List<String> read(Supplier<List<String>> headers) {
        try {
            return headers.get();
        } catch (IllegalStateException usedForAnother) {
            return List.of();
        }
    }

    @Override
    public void responseHeader(String name, String value) {
        HttpServletResponse open = response;
        if (open != null) {
            responseHeaders.put(name, value);
            open.setHeader(name, value);
        }
    }

    /** Sets again what a reset, or the container on its way to an error page, has taken off the response. */
    void restoreResponseHeaders(HttpServletResponse to) {
        if (!to.isCommitted()) {
            responseHeaders.forEach((name, value) -> {
                if (!to.containsHeader(name)) {
                    to.setHeader(name, value);
                }
            });
        }
    }

    @Override
    protected Optional<ByteBuffer> readRequest(int limit) throws IOException {
        HttpServletRequest open = request;
        if (open == null || open.getContentLengthLong() > limit) {
            return Optional.empty();
        }
        byte[] bytes = open.getInputStream().readNBytes((int) Math.min(limit + 1L, Integer.MAX_VALUE));
        if (bytes.length > limit) {
            return Optional.empty();
        }
        body = bytes;
        return Optional.of(ByteBuffer.wrap(bytes));
    }

    HttpServletRequest request(HttpServletRequest original, Dispatched dispatched) {
        CopyStream copy = body == null ? requestCopy().map(CopyStream::new).orElse(null) : null;
        return new ExchangeRequest(original, dispatched, body, copy);
    }

    void letGo() {
        lastStatus = status();
        response = null;
        request = null;
    }
}
