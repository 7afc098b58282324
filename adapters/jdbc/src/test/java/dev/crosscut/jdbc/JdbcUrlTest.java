package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken of a URL. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class JdbcUrlTest {

    private static final String SECRET = "s3cr3t";

    @ParameterizedTest
    @CsvSource(
            delimiter = '^',
            nullValues = "-",
            value = {
                "jdbc:postgresql://db.example.com/payments ^ postgresql ^ payments ^ db.example.com ^ 0",
                "jdbc:postgresql://db:5432/payments?user=a@b&password=p@q ^ postgresql ^ payments ^ db ^ 0",
                "jdbc:postgresql://db:6432/pay%20ments?currentSchema=app,public ^ postgresql ^ pay ments|app ^ db ^ 6432",
                "jdbc:postgresql://[2001:db8::1]:5433/x ^ postgresql ^ x ^ 2001:db8::1 ^ 5433",
                "jdbc:postgresql://a:1,b:2/x?targetServerType=primary ^ postgresql ^ x ^ - ^ 0",
                "jdbc:postgresql:///x ^ postgresql ^ x ^ - ^ 0",
                "jdbc:postgresql:x?a=b ^ postgresql ^ x ^ - ^ 0",
                "jdbc:postgresql://db/ ^ postgresql ^ - ^ db ^ 0",
                "jdbc:tc:postgresql:16-alpine:///x ^ postgresql ^ x ^ - ^ 0",
                "jdbc:p6spy:postgresql://db/x ^ postgresql ^ x ^ db ^ 0",
                "jdbc:mysql://db:3307/x?useSSL=true ^ mysql ^ x ^ db ^ 3307",
                "jdbc:mysql://user:s3cr3t@db/x ^ mysql ^ x ^ db ^ 0",
                "jdbc:mysql://user:s3/cr@3t@db:3307/x ^ mysql ^ x ^ db ^ 3307",
                "jdbc:mysql://u:s3cr3t@a,u:s3cr3t@b/x ^ mysql ^ x ^ - ^ 0",
                "jdbc:mysql:replication://a,b/x ^ mysql ^ x ^ - ^ 0",
                "jdbc:mysql://address=(host=a)(port=1)(password=s3cr3t)/x ^ mysql ^ - ^ - ^ 0",
                "jdbc:mariadb://db:3306/x?user=u&password=s3cr3t ^ mariadb ^ x ^ db ^ 0",
                "jdbc:mariadb:loadbalance://a:3306,b:3307/x ^ mariadb ^ x ^ - ^ 0",
                "jdbc:sqlserver://db ^ microsoft.sql_server ^ - ^ db ^ 0",
                "jdbc:sqlserver://db:1434;databaseName=x;user=u;password={s3;databaseName=cr3t}} ^ microsoft.sql_server ^ x ^ db ^ 1434",
                "jdbc:sqlserver://db;password={s3;databaseName=c;};databaseName=x ^ microsoft.sql_server ^ x ^ db ^ 0",
                "jdbc:sqlserver://db\\INST1;database={x y} ^ microsoft.sql_server ^ INST1|x y ^ db ^ 0",
                "jdbc:sqlserver://;serverName=db;portNumber=1500;instanceName=I ^ microsoft.sql_server ^ I ^ db ^ 1500",
                "jdbc:jtds:sqlserver://db:1433/x;instance=I ^ microsoft.sql_server ^ I|x ^ db ^ 0",
                "jdbc:oracle:thin:@//db:1522/service ^ oracle.db ^ - ^ db ^ 1522",
                "jdbc:oracle:thin:@db:1521:sid ^ oracle.db ^ - ^ db ^ 0",
                "jdbc:oracle:thin:scott/s3cr@3t@tcps://db:2484/svc?wallet=x ^ oracle.db ^ - ^ db ^ 2484",
                "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db)(PORT=1521))) ^ oracle.db ^ - ^ - ^ 0",
                "jdbc:oracle:thin:@alias ^ oracle.db ^ - ^ - ^ 0",
                "jdbc:h2:mem:payments;DB_CLOSE_DELAY=-1;PASSWORD=s3cr3t ^ h2database ^ payments ^ - ^ 0",
                "jdbc:h2:mem: ^ h2database ^ - ^ - ^ 0",
                "jdbc:h2:~/data/payments ^ h2database ^ payments ^ - ^ 0",
                "jdbc:h2:file:C:\\data\\payments ^ h2database ^ payments ^ - ^ 0",
                "jdbc:h2:tcp://db:9093/~/data/payments;USER=sa ^ h2database ^ payments ^ db ^ 9093",
                "jdbc:h2:ssl:db/payments ^ h2database ^ payments ^ db ^ 0",
                "jdbc:hsqldb:hsql://db:9002/x;user=SA ^ hsqldb ^ x ^ db ^ 9002",
                "jdbc:hsqldb:mem:x ^ hsqldb ^ x ^ - ^ 0",
                "jdbc:derby://db:1527/x;create=true ^ derby ^ x ^ db ^ 0",
                "jdbc:derby:memory:x;create=true ^ derby ^ x ^ - ^ 0",
                "jdbc:sqlite:/var/lib/x.db ^ sqlite ^ x.db ^ - ^ 0",
                "jdbc:sqlite::memory: ^ sqlite ^ - ^ - ^ 0",
                "jdbc:db2://db:50001/x:user=u;password=s3cr3t; ^ ibm.db2 ^ x ^ db ^ 50001",
                "jdbc:informix-sqli://db:9088/x:INFORMIXSERVER=s;user=u;password=s3cr3t ^ ibm.informix ^ x ^ db ^ 9088",
                "jdbc:trino://db:8443/hive/sales?password=s3cr3t ^ trino ^ hive|sales ^ db ^ 8443",
                "jdbc:clickhouse://db/x ^ clickhouse ^ x ^ db ^ 0",
                "jdbc:redshift://db:5439/x ^ aws.redshift ^ x ^ db ^ 0",
                "jdbc:teradata://db/DATABASE=x,PASSWORD=s3cr3t ^ teradata ^ - ^ - ^ 0",
                "jdbc:sap://db:30015/?password=s3cr3t ^ sap.hana ^ - ^ - ^ 0",
            })
    void host_port_and_database_are_taken_where_they_are(
            String url, String system, String namespace, String address, int port) {
        // the column of the namespace may have a ^ of its own
        Location location = JdbcUrl.locate(url).orElseThrow();

        assertThat(location.system()).isEqualTo(system);
        assertThat(location.namespace()).isEqualTo(namespace);
        assertThat(location.address()).isEqualTo(address);
        assertThat(location.port()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://user:s3cr3t/x",
                "jdbc:mysql://user:s3cr3t?4@db/x",
                "jdbc:mysql://user:12?s3cr3t@db/x",
                "jdbc:postgresql://d b/x",
                "jdbc:postgresql://db:s3cr3t/x",
                "jdbc:oracle:thin:u/s3?x@db:1521/x",
                "jdbc:h2:tcp://u:s3cr3t@db/x"
            })
    void nothing_is_taken_of_what_has_not_the_form_of_the_driver(String url) {
        Location location = JdbcUrl.locate(url).orElseThrow();

        assertThat(location.namespace()).isNull();
        assertThat(location.address()).isNull();
        assertThat(location.port()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "jdbc",
                "jdbc:",
                "jdbc:nobody://u:s3cr3t@db/x",
                "postgresql",
                "::::::::",
                "jdbc:x:y:z:w:h2:mem:t"
            })
    void of_other_products_nothing_is_read(String url) {
        assertThat(JdbcUrl.locate(url)).isEmpty();
    }

    @Test
    void a_password_is_never_taken_for_something_else() {
        Random random = new Random(11);
        String odd = "@:/?#;&={}()[]\\,%. ";
        List<String> urls = List.of(
                "jdbc:postgresql://db:1/x?user=u&password=%s",
                "jdbc:postgresql://db:1/x?password=%s&currentSchema=y",
                "jdbc:mysql://user:%s@db:1/x",
                "jdbc:mariadb://db:1/x?password=%s",
                "jdbc:sqlserver://db:1;databaseName=x;password={%s}",
                "jdbc:sqlserver://db:1;password={%s};databaseName=x",
                "jdbc:oracle:thin:scott/%s@//db:1/svc",
                "jdbc:oracle:thin:scott/\"%s\"@db:1:sid",
                "jdbc:h2:tcp://db:1/x;PASSWORD=%s",
                "jdbc:h2:mem:x;PASSWORD=%s;USER=sa",
                "jdbc:db2://db:1/x:user=u;password=%s;",
                "jdbc:derby://db:1/x;password=%s",
                "jdbc:sqlite:x.db?password=%s",
                "jdbc:trino://db:1/a/b?password=%s");
        for (int round = 0; round < 50_000; round++) {
            StringBuilder password = new StringBuilder(SECRET);
            for (int i = random.nextInt(5); i > 0; i--) {
                password.insert(random.nextBoolean() ? password.length() : 0, odd.charAt(random.nextInt(odd.length())));
            }
            String template = urls.get(random.nextInt(urls.size()));
            String value = template.contains("{%s}") ? password.toString().replace("}", "}}") : password.toString();
            String url = template.replace("%s", value);

            assertThat(JdbcUrl.locate(url).orElseThrow().toString())
                    .as("%s", url)
                    .doesNotContain(SECRET);
        }
    }
}
