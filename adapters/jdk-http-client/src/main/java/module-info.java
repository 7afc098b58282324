/**
 * The JDK's HTTP client: each request that a wrapped {@code java.net.http.HttpClient} sends is an exchange. It exports
 * one package with one class.
 */
@org.jspecify.annotations.NullMarked
module dev.crosscut.jdkhttpclient {
    requires static org.jspecify;
    requires transitive dev.crosscut.core;
    requires transitive java.net.http;

    exports dev.crosscut.jdkhttpclient;
}
