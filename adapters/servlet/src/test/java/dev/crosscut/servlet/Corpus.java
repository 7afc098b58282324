package dev.crosscut.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.UnavailableException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What handlers do with a request and a response: the usual, the unusual, and some that they should not. */
final class Corpus {

    private Corpus() {}

    static Map<String, Service.Handler> all() {
        Map<String, Service.Handler> corpus = new TreeMap<>();
        streams(corpus);
        writers(corpus);
        headers(corpus);
        errors(corpus);
        redirects(corpus);
        resets(corpus);
        dispatches(corpus);
        requests(corpus);
        asynchronous(corpus);
        return corpus;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void streams(Map<String, Service.Handler> corpus) {
        corpus.put("nothing", (request, response) -> {});
        corpus.put("stream", (request, response) -> response.getOutputStream().write(bytes("héllo")));
        corpus.put("stream-type", (request, response) -> {
            response.setContentType("application/octet-stream");
            response.getOutputStream().write(bytes("héllo"));
        });
        corpus.put("stream-print", (request, response) -> {
            response.setContentType("text/plain");
            response.getOutputStream().print("héllo");
            response.getOutputStream().println(12);
            response.getOutputStream().println(true);
        });
        corpus.put("close-then-write", (request, response) -> {
            ServletOutputStream stream = response.getOutputStream();
            stream.print("before");
            stream.close();
            response.setHeader("X-Late", "yes");
            try {
                stream.print("after");
            } catch (IOException e) {
                // as a handler might that does not care
            }
        });
        corpus.put("length", (request, response) -> {
            response.setContentLength(5);
            response.getOutputStream().print("hello");
        });
        corpus.put("length-long", (request, response) -> {
            response.setContentLengthLong(5);
            response.getWriter().print("hello");
        });
        corpus.put("length-more-than-written", (request, response) -> {
            response.setContentLength(10);
            response.getOutputStream().print("hello");
        });
        corpus.put("length-header", (request, response) -> {
            response.setHeader("Content-Length", "5");
            response.getOutputStream().print("hello");
        });
        corpus.put("large", (request, response) -> {
            for (int i = 0; i < 3000; i++) {
                response.getOutputStream().print("0123456789");
            }
        });
        corpus.put("trailers", (request, response) -> {
            response.setHeader("Trailer", "X-Sum");
            response.setTrailerFields(() -> Map.of("X-Sum", "42"));
            response.getOutputStream().print("body");
            response.flushBuffer();
        });
    }

    private static void writers(Map<String, Service.Handler> corpus) {
        corpus.put("writer", (request, response) -> response.getWriter().print("héllo"));
        corpus.put("writer-html", (request, response) -> {
            response.setContentType("text/html");
            response.getWriter().print("<p>héllo");
        });
        corpus.put("writer-json", (request, response) -> {
            response.setContentType("application/json");
            response.getWriter().print("{\"a\":\"é€\"}");
        });
        corpus.put("writer-xml", (request, response) -> {
            response.setContentType("text/xml");
            response.getWriter().print("<a>é€</a>");
        });
        corpus.put("writer-utf8", (request, response) -> {
            response.setContentType("text/plain;charset=UTF-8");
            response.getWriter().println("é€");
        });
        corpus.put("writer-utf16", (request, response) -> {
            response.setContentType("text/plain");
            response.setCharacterEncoding("UTF-16");
            PrintWriter writer = response.getWriter();
            writer.print("é€");
            writer.print("more");
        });
        corpus.put("writer-charset-after", (request, response) -> {
            PrintWriter writer = response.getWriter();
            response.setContentType("text/plain;charset=UTF-8");
            response.setCharacterEncoding("UTF-8");
            writer.print("é");
        });
        corpus.put("writer-locale", (request, response) -> {
            response.setLocale(Locale.JAPAN);
            response.setContentType("text/plain");
            response.getWriter().print("日本");
        });
        corpus.put("writer-empty", (request, response) -> {
            response.setContentType("text/plain");
            response.getWriter();
        });
        corpus.put("writer-encoding-unknown", (request, response) -> {
            response.setCharacterEncoding("no-such-charset");
            response.getWriter().print("x");
        });
        corpus.put("writer-surrogates", (request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            PrintWriter writer = response.getWriter();
            writer.write('\uD83D');
            writer.write('\uDE00');
            writer.printf("%s %d", "x", 7);
            writer.append('c').append("seq");
        });
        corpus.put("writer-then-stream", (request, response) -> {
            response.getWriter();
            response.getOutputStream();
        });
        corpus.put("stream-then-writer", (request, response) -> {
            response.getOutputStream();
            response.getWriter();
        });
        corpus.put("close-writer-then-write", (request, response) -> {
            PrintWriter writer = response.getWriter();
            writer.print("before");
            writer.close();
            writer.print("after");
        });
        corpus.put("large-writer", (request, response) -> {
            response.setContentType("text/plain;charset=utf-8");
            for (int i = 0; i < 3000; i++) {
                response.getWriter().print("é123456789");
            }
        });
    }

    private static void headers(Map<String, Service.Handler> corpus) {
        corpus.put("status-created", (request, response) -> {
            response.setStatus(201);
            response.setHeader("Location", "/payments/7");
            response.addHeader("X-Many", "one");
            response.addHeader("X-Many", "two");
            response.addIntHeader("X-Int", 7);
            response.setDateHeader("Last-Modified", 0);
        });
        corpus.put("status-no-content", (request, response) -> response.setStatus(204));
        corpus.put("status-no-content-with-body", (request, response) -> {
            response.setStatus(204);
            response.getOutputStream().print("x");
        });
        corpus.put("status-not-modified", (request, response) -> {
            response.setStatus(304);
            response.setHeader("ETag", "\"a\"");
        });
        corpus.put("cookies", (request, response) -> {
            Cookie cookie = new Cookie("a", "b");
            cookie.setHttpOnly(true);
            cookie.setPath("/");
            cookie.setAttribute("SameSite", "Lax");
            response.addCookie(cookie);
            response.addCookie(new Cookie("c", "d"));
        });
        corpus.put("session", (request, response) -> {
            request.getSession().setAttribute("a", "b");
            response.getWriter().print("in session");
        });
    }

    private static void errors(Map<String, Service.Handler> corpus) {
        corpus.put("error", (request, response) -> response.sendError(404));
        corpus.put("error-message", (request, response) -> {
            response.getOutputStream().print("discarded");
            response.sendError(409, "again");
        });
        corpus.put("error-with-page", (request, response) -> {
            response.setHeader("X-Kept", "yes");
            response.addCookie(new Cookie("kept", "yes"));
            response.sendError(418, "short and stout");
        });
        corpus.put("teapot", (request, response) -> {
            response.setContentType("text/plain");
            response.getWriter()
                    .print(request.getDispatcherType() + " " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE)
                            + " " + request.getAttribute(RequestDispatcher.ERROR_MESSAGE) + " "
                            + request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
        });
        corpus.put(
                "nan",
                (request, response) -> response.getWriter().print("not a number " + request.getDispatcherType()));
        corpus.put("throws-with-page", (request, response) -> {
            response.setHeader("X-Before", "yes");
            response.getOutputStream().print("discarded");
            throw new NumberFormatException("x");
        });
        corpus.put("throws-io", (request, response) -> {
            throw new IOException("x");
        });
        corpus.put("throws-unavailable", (request, response) -> {
            throw new ServletException("wrapped", new UnavailableException("gone", 1));
        });
    }

    private static void redirects(Map<String, Service.Handler> corpus) {
        corpus.put("redirect", (request, response) -> response.sendRedirect("elsewhere?x=1"));
        if (!Servers.SERVLET_6_1) {
            return;
        }
        corpus.put("redirect-absolute", (request, response) -> {
            response.getOutputStream().print("discarded");
            response.setHeader("X-Kept", "yes");
            response.sendRedirect("https://example.org/a b", 307);
        });
        corpus.put("redirect-keeping", (request, response) -> {
            response.setContentType("text/plain");
            response.getWriter().print("kept");
            response.sendRedirect("/elsewhere", 303, false);
        });
        corpus.put("redirect-then-more", (request, response) -> {
            response.sendRedirect("/elsewhere", false);
            response.setHeader("X-Late", "yes");
            response.getWriter().print("late");
        });
    }

    private static void resets(Map<String, Service.Handler> corpus) {
        corpus.put("reset", (request, response) -> {
            response.setStatus(202);
            response.setHeader("X-Before", "yes");
            response.setContentType("text/before");
            response.getWriter().print("before");
            response.reset();
            response.setHeader("X-After", "yes");
            response.getOutputStream().print("after");
        });
        corpus.put("reset-buffer", (request, response) -> {
            response.setHeader("X-Before", "yes");
            PrintWriter writer = response.getWriter();
            writer.print("before");
            response.resetBuffer();
            writer.print("after");
        });
    }

    private static void dispatches(Map<String, Service.Handler> corpus) {
        corpus.put("forward", (request, response) -> {
            response.getWriter().print("discarded");
            request.getRequestDispatcher("/plain/forwarded?forwarded=1").forward(request, response);
            response.setHeader("X-Late", "yes");
            response.getWriter().print("late");
        });
        corpus.put("forwarded", (request, response) -> {
            response.setContentType("text/plain");
            response.getWriter()
                    .print("forwarded " + request.getRequestURI() + " " + request.getQueryString() + " "
                            + request.getParameter("forwarded"));
        });
        corpus.put(
                "forward-stream",
                (request, response) ->
                        request.getRequestDispatcher("/plain/stream").forward(request, response));
        corpus.put("forward-nothing", (request, response) -> {
            response.setContentType("text/html");
            request.getRequestDispatcher("/plain/nothing").forward(request, response);
        });
        corpus.put(
                "forward-error",
                (request, response) ->
                        request.getRequestDispatcher("/plain/error-with-page").forward(request, response));
        corpus.put("include", (request, response) -> {
            response.setContentType("text/plain");
            response.getWriter().print("before ");
            request.getRequestDispatcher("/plain/included").include(request, response);
            response.getWriter().print(" after");
        });
        corpus.put("included", (request, response) -> {
            response.setStatus(500);
            response.setHeader("X-Included", "yes");
            response.getWriter().print("included");
        });
    }

    private static void requests(Map<String, Service.Handler> corpus) {
        corpus.put("body", (request, response) -> {
            byte[] body = request.getInputStream().readAllBytes();
            response.getOutputStream().write(body);
            response.getOutputStream()
                    .print(" " + request.getContentLength() + " "
                            + request.getInputStream().available() + " "
                            + request.getInputStream().isFinished());
        });
        corpus.put("body-reader", (request, response) -> {
            response.setCharacterEncoding("utf-8");
            response.getWriter().print(request.getReader().readLine() + " " + request.getCharacterEncoding());
        });
        corpus.put("body-both", (request, response) -> {
            request.getInputStream();
            request.getReader();
        });
        corpus.put(
                "body-mark",
                (request, response) -> response.getWriter()
                        .print(request.getInputStream().markSupported() + " "
                                + request.getReader().markSupported()));
        corpus.put("parameters", (request, response) -> {
            response.setCharacterEncoding("utf-8");
            Map<String, String> all = new TreeMap<>();
            request.getParameterMap().forEach((name, values) -> all.put(name, Arrays.toString(values)));
            response.getWriter()
                    .print(all + " " + request.getParameter("p") + " "
                            + Arrays.toString(request.getParameterValues("e")) + " " + request.getParameter("none")
                            + " " + Arrays.toString(request.getParameterValues("none")) + " "
                            + new TreeSet<>(Collections.list(request.getParameterNames())));
        });
        corpus.put("parameters-then-body", (request, response) -> {
            request.getParameter("f");
            response.getWriter().print(request.getInputStream().readAllBytes().length);
        });
        corpus.put("body-then-parameters", (request, response) -> {
            request.getInputStream().readAllBytes();
            response.getWriter().print(request.getParameter("f") + request.getParameter("q"));
        });
    }

    @SuppressWarnings("ReferenceEquality") // whether it is the very context
    private static void asynchronous(Map<String, Service.Handler> corpus) {
        corpus.put("async", (request, response) -> {
            var context = request.startAsync();
            context.start(() -> {
                try {
                    context.getResponse()
                            .getWriter()
                            .print("async " + context.hasOriginalRequestAndResponse() + " "
                                    + (request.getAsyncContext() == context));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                context.complete();
            });
        });
        corpus.put("async-dispatch", (request, response) -> {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                response.getWriter()
                        .print("dispatched " + request.getParameter("f") + " "
                                + request.getAttribute(AsyncContext.ASYNC_REQUEST_URI));
                return;
            }
            request.startAsync().dispatch();
        });
        corpus.put("async-error", (request, response) -> {
            var context = request.startAsync();
            ((HttpServletResponse) context.getResponse()).sendError(418, "async");
            context.complete();
        });
    }
}
