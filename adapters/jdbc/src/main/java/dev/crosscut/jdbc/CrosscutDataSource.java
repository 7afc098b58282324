package dev.crosscut.jdbc;

import dev.crosscut.core.Crosscut;
import java.lang.reflect.Proxy;
import java.util.Objects;
import javax.sql.DataSource;

/** Makes an exchange of each execution of a statement on the connections of a {@link DataSource}. */
public final class CrosscutDataSource {

    private CrosscutDataSource() {}

    /**
     * The same DataSource, on whose connections each execution of a statement is an exchange of kind
     * {@link dev.crosscut.core.Exchange.Kind#CLIENT CLIENT}, inside the one that is current where it is executed. As safe
     * for use by several threads as the DataSource itself. One that is wrapped already for the same pipeline is returned as
     * it is.
     *
     * <ul>
     *   <li>An execution is a call of one of the methods {@code execute}, {@code executeQuery}, {@code executeUpdate},
     *       {@code executeLargeUpdate}, {@code executeBatch} and {@code executeLargeBatch} of a statement of any kind. The
     *       exchange ends when that call returns or throws, before the caller learns of it; rows that are fetched later are
     *       not part of it. To commit, to roll back, to ask for metadata and to write through a result set is none.
     *   <li>Of the text of a query the exchange has what is left without literals and comments. It never has a parameter,
     *       nor anything of the URL but host, port and the names of database and schema.
     *   <li>Where a guard answers, a {@link java.sql.SQLNonTransientException} is thrown, whose cause is a
     *       {@link dev.crosscut.core.RefusedException}: before anything is executed, or, where a guard answers when it
     *       settles, in place of the result, which is then closed.
     *   <li>Everything else is the driver's: what it throws is thrown, unchanged; the interfaces that its objects
     *       implement, and that are public, are implemented by those that stand in for them; and {@code unwrap} reaches its
     *       objects. {@code Statement.getConnection}, {@code ResultSet.getStatement} and {@code
     *       DatabaseMetaData.getConnection} return what stands in for the driver's.
     * </ul>
     *
     * @param dataSource the DataSource, a pool or that of a driver; still to be closed by whoever made it, for which closing
     *     the returned one does as well
     * @param crosscut the pipeline; not closed by the DataSource
     * @return the DataSource to use in its place
     */
    public static DataSource wrap(DataSource dataSource, Crosscut crosscut) {
        Objects.requireNonNull(dataSource, "dataSource");
        Objects.requireNonNull(crosscut, "crosscut");
        if (Proxy.isProxyClass(dataSource.getClass())
                && Proxy.getInvocationHandler(dataSource) instanceof DataSourceStandIn wrapped
                && wrapped.isFor(crosscut)) {
            return dataSource;
        }
        StandIns standIns = new StandIns(crosscut);
        return standIns.make(DataSource.class, dataSource, new DataSourceStandIn(dataSource, standIns));
    }
}
