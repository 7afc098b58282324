package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.AdapterContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

@DisabledIfSystemProperty(named = "servlet.version", matches = "6.0", disabledReason = "Jetty 12.1 needs Servlet 6.1")
class JettyAdapterTest extends AdapterContract {

    @Override
    protected Running start(Crosscut crosscut, Handler handler) throws Exception {
        return Servers.JETTY.start(
                Map.of(Servers.ANY_ERROR, "/error"), List.of(ContractServlet.application(crosscut, handler)));
    }
}
