import java.nio.file.Path;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.util.resource.Resource;

/**
 * Solr's own servlet filter on an embedded Jetty, on loopback only.
 * Solr publishes its core to Maven repositories, but neither its server directory nor bin/solr.
 *
 * <p>Arguments: the Solr home and the port.
 */
public final class SolrMain {
  private static final int HEADER_BYTES = 65_536; // CKAN's filter queries are long
  private static final int IDLE_MILLISECONDS = 120_000;

  public static void main(String[] arguments) throws Exception {
    String home = arguments[0];
    String port = arguments[1];
    System.setProperty("solr.solr.home", home);
    System.setProperty("jetty.port", port);

    Server server = new Server();
    server.addConnector(loopback(server, Integer.parseInt(port)));
    server.setHandler(solr(home));
    server.setStopAtShutdown(true);
    server.start();
    server.join();
  }

  private static ServerConnector loopback(Server server, int port) {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(HEADER_BYTES);
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLISECONDS);
    return connector;
  }

  private static ServletContextHandler solr(String home) throws Exception {
    ServletContextHandler context =
        new ServletContextHandler(null, "/solr", ServletContextHandler.NO_SESSIONS);
    context.setBaseResource(Resource.newResource(Path.of(home)));
    context.addEventListener(new CoreContainerProvider());
    FilterHolder filter = new FilterHolder(SolrDispatchFilter.class);
    filter.setName("SolrRequestFilter");
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(DefaultServlet.class, "/");
    return context;
  }

  private SolrMain() {}
}
