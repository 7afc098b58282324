package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.AdapterContract;
import java.util.List;
import java.util.Map;

class TomcatAdapterTest extends AdapterContract {

    @Override
    protected Running start(Crosscut crosscut, Handler handler) throws Exception {
        return Servers.TOMCAT.start(
                Map.of(Servers.ANY_ERROR, "/error"), List.of(ContractServlet.application(crosscut, handler)));
    }
}
