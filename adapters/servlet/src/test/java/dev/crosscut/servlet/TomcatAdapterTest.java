package dev.crosscut.servlet;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.AdapterContract;

class TomcatAdapterTest extends AdapterContract {

    @Override
    protected Running start(Crosscut crosscut, Handler handler) throws Exception {
        return Servers.tomcat(new ContractServlet(handler), Servers.tomcatFilter(new CrosscutFilter(crosscut)));
    }
}
