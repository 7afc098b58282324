package dev.crosscut.jdbc;

import dev.crosscut.core.Crosscut;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes the objects that stand in for those of one DataSource, and keeps what they share. Safe for use by several threads. */
final class StandIns {

    /** URLs that are remembered; a DataSource has one, or a few if it routes. */
    private static final int MOST_DATABASES = 64;

    private static final Database UNKNOWN = new Database(Location.UNKNOWN);

    private final Crosscut crosscut;
    private final Map<String, Database> databases = new ConcurrentHashMap<>();
    private final Map<Class<?>, Constructor<?>> constructors = new ConcurrentHashMap<>();

    StandIns(Crosscut crosscut) {
        this.crosscut = crosscut;
    }

    Crosscut crosscut() {
        return crosscut;
    }

    /** The database that a connection is to. The URL is at hand in drivers; what goes wrong there is not the caller's. */
    Database database(Connection connection) {
        try {
            DatabaseMetaData metadata = connection.getMetaData();
            String url = metadata.getURL();
            Database known = url == null ? null : databases.get(url);
            if (known != null) {
                return known;
            }
            Database found = new Database(Database.locate(metadata, url == null ? "" : url));
            if (url != null && databases.size() < MOST_DATABASES) {
                databases.putIfAbsent(url, found);
            }
            return found;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            return UNKNOWN;
        }
    }

    /**
     * An object that stands in for another.
     *
     * @param type the interface that it has at least; it has all those of the other that can be seen
     */
    <T> T make(Class<T> type, T target, InvocationHandler handler) {
        Constructor<?> constructor =
                constructors.computeIfAbsent(target.getClass(), of -> constructor(type, of, handler));
        try {
            return type.cast(constructor.newInstance(handler));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("what stands in for " + target.getClass() + " cannot be made", e);
        }
    }

    private static Constructor<?> constructor(Class<?> type, Class<?> of, InvocationHandler handler) {
        try {
            return proxy(type, of, handler).getClass().getConstructor(InvocationHandler.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a proxy of " + of + " has no constructor", e);
        }
    }

    private static Object proxy(Class<?> type, Class<?> of, InvocationHandler handler) {
        ClassLoader own = of.getClassLoader();
        ClassLoader loader = own == null ? ClassLoader.getPlatformClassLoader() : own;
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        interfaces.add(type);
        for (Class<?> each = of; each != null; each = each.getSuperclass()) {
            collect(each, loader, interfaces);
        }
        try {
            return Proxy.newProxyInstance(loader, interfaces.toArray(Class<?>[]::new), handler);
        } catch (IllegalArgumentException e) { // two of them cannot be implemented by one class
            return Proxy.newProxyInstance(loader, new Class<?>[] {type}, handler);
        }
    }

    private static void collect(Class<?> of, ClassLoader loader, Set<Class<?>> interfaces) {
        for (Class<?> each : of.getInterfaces()) {
            if (isVisible(each, loader)) {
                interfaces.add(each);
            }
            collect(each, loader, interfaces);
        }
    }

    private static boolean isVisible(Class<?> type, ClassLoader loader) {
        if (!Modifier.isPublic(type.getModifiers())
                || type.isSealed()
                || type.isHidden()
                || !type.getModule().isExported(type.getPackageName())) {
            return false;
        }
        try {
            return Class.forName(type.getName(), false, loader) == type;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
