package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.AdapterContract;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee11.servlet.FilterHolder;

class JettyAdapterTest extends AdapterContract {

    @Override
    protected Running start(Crosscut crosscut, Handler handler) throws Exception {
        return Servers.jetty(new ContractServlet(handler), context -> {
            FilterHolder filter = new FilterHolder(new CrosscutFilter(crosscut));
            filter.setAsyncSupported(true);
            context.addFilter(filter, "/*", EnumSet.allOf(DispatcherType.class));
        });
    }
}
