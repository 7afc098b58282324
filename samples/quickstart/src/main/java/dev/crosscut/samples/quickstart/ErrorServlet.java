package dev.crosscut.samples.quickstart;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Where the container goes with an error that nobody has answered: a problem that says nothing internal. */
final class ErrorServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code ? code : 404;
        switch (status) {
            case 404 -> Json.problem(response, 404, "There is nothing here", "See the README for what there is.");
            case 405 -> Json.problem(response, 405, "The method is not allowed here", "See the Allow header.");
            default ->
                Json.problem(
                        response,
                        status,
                        "The request could not be served",
                        "The log has the reason, under the correlation id of this response.");
        }
    }
}
