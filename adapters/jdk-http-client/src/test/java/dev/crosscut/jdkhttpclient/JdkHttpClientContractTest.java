package dev.crosscut.jdkhttpclient;

import dev.crosscut.core.Crosscut;
import dev.crosscut.tck.ClientContract;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;

class JdkHttpClientContractTest extends ClientContract {

    @Override
    protected Client client(Crosscut crosscut) {
        HttpClient client = CrosscutHttpClient.wrap(
                HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build(),
                crosscut);
        return new Client() {
            @Override
            public Response send(Request request) throws Exception {
                return response(client.send(request(request), BodyHandlers.ofByteArray()));
            }

            @Override
            public CompletableFuture<Response> sendAsync(Request request) {
                return client.sendAsync(request(request), BodyHandlers.ofByteArray())
                        .thenApply(JdkHttpClientContractTest::response);
            }
        };
    }

    private static HttpRequest request(ClientContract.Request request) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri()).timeout(request.timeout());
        request.headers().forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        return request.method().equals("GET")
                ? builder.build()
                : builder.method(request.method(), BodyPublishers.ofByteArray(request.body()))
                        .build();
    }

    private static ClientContract.Response response(HttpResponse<byte[]> response) {
        return new ClientContract.Response(response.statusCode(), response.body());
    }
}
