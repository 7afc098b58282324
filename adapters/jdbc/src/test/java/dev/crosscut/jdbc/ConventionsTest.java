package dev.crosscut.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.semconv.DbAttributes;
import io.opentelemetry.semconv.ServerAttributes;
import io.opentelemetry.semconv.incubating.DbIncubatingAttributes.DbSystemNameIncubatingValues;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Names and types, as the artifact of the semantic conventions has them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ConventionsTest {

    private static Stream<Object> constants(Class<?>... classes) {
        return Stream.of(classes).flatMap(type -> Stream.of(type.getFields())).map(ConventionsTest::value);
    }

    private static Object value(Field field) {
        try {
            return field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void each_product_has_the_name_that_the_conventions_have_for_it(Product product) {
        Set<Object> names = new HashSet<>();
        constants(DbAttributes.DbSystemNameValues.class, DbSystemNameIncubatingValues.class)
                .forEach(names::add);

        assertThat(names).hasSizeGreaterThan(30).contains(product.system);
    }

    @Test
    void each_attribute_has_the_name_and_the_type_that_is_stable() throws Exception {
        Map<String, Class<?>> types = new HashMap<>();
        constants(DbAttributes.class, ServerAttributes.class)
                .filter(AttributeKey.class::isInstance)
                .map(AttributeKey.class::cast)
                .forEach(key -> types.put(
                        key.getKey(),
                        switch (key.getType()) {
                            case LONG -> Long.class;
                            case STRING -> String.class;
                            default -> throw new AssertionError(key);
                        }));
        Location location = new Location(Product.POSTGRESQL, "shop", "db", 1);
        Method method = Object.class.getMethod("toString");
        DatabaseExchange batch = DatabaseExchange.ofBatch(new Database(location), method, "CALL p(1)", false, 2);
        batch.failed(new SQLException("x", "42000"));
        Map<String, Class<?>> answered = new HashMap<>();
        types.keySet().forEach(name -> batch.attribute(name).ifPresent(value -> answered.put(name, value.getClass())));

        assertThat(types).containsAllEntriesOf(answered);
        assertThat(answered.keySet())
                .containsExactlyInAnyOrderElementsOf(List.of(
                        "db.system.name",
                        "db.namespace",
                        "db.query.summary",
                        "db.query.text",
                        "db.stored_procedure.name",
                        "db.operation.batch.size",
                        "db.response.status_code",
                        "server.address",
                        "server.port"));
    }
}
