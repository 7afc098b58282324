package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crosscut.core.Outcome;
import java.io.Closeable;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What reaches the driver, and what comes back, seen from a driver that does what it is told. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class StandInTest {

    /** What a driver has beside JDBC. */
    public interface Vendor {
        /** Anything. */
        String vendor(String text) throws SQLException;
    }

    /** Not for users of the driver. */
    private interface Internal {}

    /** Answers each method with a value of its type, or as it is told, and remembers which was asked. */
    private static final class Stub implements InvocationHandler {
        final List<String> asked = new ArrayList<>();
        final Map<String, Object> answers = new HashMap<>();

        <T> T as(Class<T> type, Class<?>... more) {
            Class<?>[] all = Stream.concat(Stream.of(type), Stream.of(more)).toArray(Class<?>[]::new);
            return type.cast(Proxy.newProxyInstance(StandInTest.class.getClassLoader(), all, this));
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // as a driver's objects have it
        public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
            String name = method.getName();
            if (method.getDeclaringClass() == Object.class) {
                return switch (name) {
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> 17;
                    default -> "a stub";
                };
            }
            asked.add(name);
            Object answer = answers.get(name);
            if (answer instanceof Throwable failure) {
                throw failure;
            }
            return answer != null ? answer : value(method.getReturnType());
        }

        private static Object value(Class<?> type) {
            if (type == void.class || !type.isPrimitive()) {
                return null;
            }
            return Array.get(Array.newInstance(type, 1), 0);
        }
    }

    private final Watch watch = new Watch();
    private final Stub source = new Stub();
    private final Stub connections = new Stub();
    private final Stub statements = new Stub();
    private final Stub metadata = new Stub();
    private final Connection raw = connections.as(Connection.class, Vendor.class);
    private final DataSource dataSource = watch.wrap(source.as(DataSource.class, Closeable.class));

    StandInTest() {
        source.answers.put("getConnection", raw);
        connections.answers.put("createStatement", statements.as(Statement.class, Vendor.class));
        connections.answers.put("prepareStatement", statements.as(PreparedStatement.class));
        connections.answers.put("prepareCall", statements.as(CallableStatement.class, Vendor.class));
        connections.answers.put("getMetaData", metadata.as(DatabaseMetaData.class));
        metadata.answers.put("getURL", "jdbc:postgresql://db:6432/shop?password=s3cr3t");
    }

    @AfterEach
    void close() {
        watch.close();
    }

    static Stream<Class<?>> types() {
        return Stream.of(
                DataSource.class,
                Connection.class,
                Statement.class,
                PreparedStatement.class,
                CallableStatement.class,
                DatabaseMetaData.class,
                ResultSet.class);
    }

    private Object standIn(Class<?> type, Stub stub) throws SQLException {
        if (type == DataSource.class) {
            return watch.wrap(stub.as(DataSource.class));
        }
        if (type == ResultSet.class) {
            return new ResultSetStandIn(stub.as(ResultSet.class), statements.as(Statement.class));
        }
        if (type == Connection.class) {
            source.answers.put("getConnection", stub.as(Connection.class));
            return dataSource.getConnection();
        }
        Connection connection = dataSource.getConnection();
        if (type == DatabaseMetaData.class) {
            connections.answers.put("getMetaData", stub.as(DatabaseMetaData.class));
            return connection.getMetaData();
        }
        connections.answers.put("createStatement", stub.as(type.asSubclass(Statement.class)));
        return connection.createStatement();
    }

    @ParameterizedTest
    @MethodSource("types")
    void every_method_reaches_the_driver_once(Class<?> type) throws Exception {
        Stub stub = new Stub();
        Object standIn = standIn(type, stub);
        int methods = 0;
        for (Method method : type.getMethods()) {
            if (Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            stub.asked.clear();
            Object[] arguments =
                    Stream.of(method.getParameterTypes()).map(Stub::value).toArray();

            Object returned = method.invoke(standIn, arguments);

            assertThat(stub.asked).as("%s", method).containsExactly(method.getName());
            assertThat(returned).as("%s", method).isEqualTo(Stub.value(method.getReturnType()));
            methods++;
        }
        assertThat(methods).isGreaterThan(8);
        watch.all();
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new SQLException("gone", "08006", 7),
                new SQLTimeoutException("late"),
                new SQLFeatureNotSupportedException("not here"),
                new IllegalStateException("a pool"),
                new AssertionError("an error"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void the_very_exception_of_the_driver_is_thrown(Throwable failure) throws SQLException {
        Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ((Stub) Proxy.getInvocationHandler(connections.answers.get("createStatement"))).answers.put("execute", failure);
        connections.answers.put("commit", failure);
        source.answers.put("getConnection", failure);

        assertThat(catchThrowable(() -> statement.execute("SELECT 1"))).isSameAs(failure);
        assertThat(((Outcome.Failed) watch.only().outcome()).error()).isSameAs(failure);
        assertThat(catchThrowable(connection::commit)).isSameAs(failure);
        assertThat(catchThrowable(dataSource::getConnection)).isSameAs(failure);
    }

    @Test
    void without_a_code_the_type_of_an_error_is_a_class() throws SQLException {
        Statement statement = dataSource.getConnection().createStatement();
        Map<Throwable, String> types = new HashMap<>();
        types.put(new SQLException("x", "42P01", 7), "42P01");
        types.put(new SQLException("x", "a sentence, no state"), SQLException.class.getName());
        types.put(new SQLException("x", null, 7), "7");
        types.put(new SQLException("x", new SocketTimeoutException()), SocketTimeoutException.class.getName());
        types.put(new IllegalStateException(new SocketTimeoutException()), IllegalStateException.class.getName());
        types.forEach((failure, type) -> {
            statements.answers.put("execute", failure);

            assertThat(catchThrowable(() -> statement.execute("SELECT 1"))).isSameAs(failure);
            assertThat(watch.only().errorType()).contains(type);
        });

        statements.answers.put("execute", new CancellationException("enough"));
        assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(CancellationException.class);
        assertThat(watch.only())
                .satisfies(seen -> assertThat(seen.outcome()).isEqualTo(Outcome.cancelled("enough")))
                .satisfies(seen -> assertThat(seen.errorType()).isEmpty());
    }

    @Test
    void each_product_has_the_code_that_says_most() {
        SQLException both = new SQLException("x", "42000", 1071);
        Map<Product, String> codes = Map.of(
                Product.POSTGRESQL, "42000",
                Product.MYSQL, "1071",
                Product.MARIADB, "1071",
                Product.SQL_SERVER, "1071",
                Product.ORACLE, "ORA-01071",
                Product.H2, "1071",
                Product.OTHER, "42000/1071");

        codes.forEach((product, code) ->
                assertThat(product.status(both)).as("%s", product).contains(code));
        for (Product product : Product.values()) {
            assertThat(product.status(new SQLException("x", "08S01", 0))).contains("08S01");
            assertThat(product.status(new SQLException("x"))).isEmpty();
        }
        assertThat(Product.OTHER.status(new SQLException("x", "90001", 90001))).contains("90001");
    }

    @Test
    void the_interfaces_of_the_driver_are_there_and_unwrapping_reaches_its_objects() throws Exception {
        connections.answers.put("unwrap", raw);
        connections.answers.put("isWrapperFor", true);
        connections.answers.put("vendor", "from the driver");
        Connection connection = dataSource.getConnection();

        assertThat(connection).isNotSameAs(raw).isInstanceOf(Vendor.class);
        assertThat(((Vendor) connection).vendor("x")).isEqualTo("from the driver");
        assertThat(connection.unwrap(Connection.class)).isSameAs(raw);
        assertThat(connection.isWrapperFor(Vendor.class)).isTrue();
        assertThat(connection.createStatement()).isInstanceOf(Vendor.class);
        assertThat(connection.prepareStatement("x"))
                .isInstanceOf(PreparedStatement.class)
                .isNotInstanceOf(CallableStatement.class);
        assertThat(connection.prepareCall("x"))
                .isInstanceOf(CallableStatement.class)
                .isInstanceOf(Vendor.class);

        ((Closeable) dataSource).close();
        assertThat(source.asked).endsWith("close");
    }

    @Test
    void an_interface_that_cannot_be_seen_is_left_out() throws Exception {
        Connection hidden = new HiddenConnection(connections.as(Connection.class)).connection;
        source.answers.put("getConnection", hidden);

        assertThat(dataSource.getConnection()).isNotInstanceOf(Internal.class);
    }

    /** Makes a connection that implements an interface that is not public. */
    private static final class HiddenConnection {
        final Connection connection;

        HiddenConnection(Connection delegate) {
            connection = (Connection) Proxy.newProxyInstance(
                    StandInTest.class.getClassLoader(),
                    new Class<?>[] {Connection.class, Internal.class},
                    (self, method, arguments) -> method.invoke(delegate, arguments));
        }
    }

    @Test
    void what_stands_in_for_the_same_is_equal() throws SQLException {
        Connection connection = dataSource.getConnection();
        Connection same = dataSource.getConnection();
        ResultSet rows = statements.as(ResultSet.class);

        assertThat(connection).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(raw);
        assertThat(connection.equals(null)).isFalse();
        assertThat(connection).isNotEqualTo(connection.createStatement()).hasToString("a stub");
        assertThat(new ResultSetStandIn(rows, null))
                .isEqualTo(new ResultSetStandIn(rows, null))
                .hasSameHashCodeAs(rows)
                .isNotEqualTo(rows)
                .hasToString("a stub");
    }

    @Test
    void a_connection_that_is_built_is_stood_in_for() throws SQLException {
        Stub builder = new Stub();
        ConnectionBuilder built = builder.as(ConnectionBuilder.class);
        builder.answers.put("user", built);
        builder.answers.put("build", raw);
        source.answers.put("createConnectionBuilder", built);

        ConnectionBuilder mine = dataSource.createConnectionBuilder();
        Connection connection = mine.user("sa").build();

        assertThat(mine.user("sa")).isSameAs(mine);
        connection.createStatement().execute("SELECT 1");
        assertThat(watch.only().attribute("db.namespace")).isEqualTo("shop");
    }

    @Test
    void a_connection_is_asked_once_where_it_leads_and_its_failure_there_is_nobodys() throws SQLException {
        Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        statement.execute("SELECT 1");
        statement.execute("SELECT 1");
        connection.createStatement().execute("SELECT 1");

        assertThat(metadata.asked).containsExactly("getURL");
        assertThat(watch.all())
                .hasSize(3)
                .allSatisfy(seen -> assertThat(seen.attributes())
                        .containsEntry("db.system.name", "postgresql")
                        .containsEntry("server.address", "db")
                        .containsEntry("server.port", 6432L));

        for (Throwable failure :
                List.of(new SQLException("s3cr3t"), new IllegalStateException(), new AbstractMethodError())) {
            metadata.answers.put("getURL", failure);
            dataSource.getConnection().createStatement().execute("SELECT a FROM t");

            Watch.Seen seen = watch.only();
            assertThat(seen.operation()).isEqualTo("SELECT t");
            assertThat(seen.attributes())
                    .containsEntry("db.system.name", "other_sql")
                    .doesNotContainKey("server.address");
        }
    }

    @Test
    void a_database_of_another_product_has_the_name_that_it_gives_itself() throws SQLException {
        Map<String, String> names = Map.of(
                "Frob DB",
                "frob db",
                "MariaDB",
                "mariadb",
                "DB2/LINUXX8664",
                "ibm.db2",
                "Frob 9!",
                "other_sql",
                "",
                "other_sql");
        for (Map.Entry<String, String> name : names.entrySet()) {
            metadata.answers.put("getURL", "jdbc:frob:" + name.getKey() + ":s3cr3t@db");
            metadata.answers.put("getDatabaseProductName", name.getKey());
            Statement statement = dataSource.getConnection().createStatement();
            statement.execute("SELECT 1");

            Watch.Seen seen = watch.only();
            assertThat(seen.attribute("db.system.name")).isEqualTo(name.getValue());
            assertThat(seen.attributes().toString()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void a_data_source_that_routes_leads_to_several_databases() throws SQLException {
        List<Object> namespaces = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            metadata.answers.put("getURL", "jdbc:mysql://db/tenant" + i % 100);
            dataSource.getConnection().createStatement().execute("SELECT 1");
            namespaces.add(watch.only().attribute("db.namespace"));
        }
        assertThat(namespaces)
                .startsWith("tenant0", "tenant1")
                .endsWith("tenant99")
                .doesNotContainNull();
        assertThat(Optional.of(namespaces.get(170))).contains("tenant70");
    }

    @Test
    void what_is_asked_of_a_statement_without_a_text_is_an_exchange_too() throws SQLException {
        connections.answers.put("prepareStatement", statements.as(PreparedStatement.class));
        PreparedStatement statement = dataSource.getConnection().prepareStatement(null);
        statement.execute();

        assertThat(watch.only().operation()).isEqualTo("postgresql");

        statement.addBatch();
        statement.addBatch();
        statement.executeBatch();
        assertThat(watch.only().attributes())
                .containsEntry("db.operation.batch.size", 2L)
                .doesNotContainKey("db.query.text");
    }
}
