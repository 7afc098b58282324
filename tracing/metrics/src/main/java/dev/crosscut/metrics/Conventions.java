package dev.crosscut.metrics;

import java.util.List;

/**
 * The names, keys and buckets of all meters of exchanges, in one place, so that nothing that is made from them can differ
 * from what is measured. They are those of OpenTelemetry's semantic conventions, but for those that begin with {@code
 * crosscut.} and for the keys of these.
 */
final class Conventions {

    /** What a key has in place of a value that is one too many, or is none that is known. */
    static final String OTHER = "_OTHER";

    static final String HTTP_REQUEST_METHOD = "http.request.method";
    static final String HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
    static final String HTTP_ROUTE = "http.route";
    static final String URL_SCHEME = "url.scheme";
    static final String ERROR_TYPE = "error.type";
    static final String NETWORK_PEER_ADDRESS = "network.peer.address";
    static final String NETWORK_PEER_PORT = "network.peer.port";
    static final String NETWORK_PROTOCOL_NAME = "network.protocol.name";
    static final String NETWORK_PROTOCOL_VERSION = "network.protocol.version";
    static final String SERVER_ADDRESS = "server.address";
    static final String SERVER_PORT = "server.port";

    static final String DB_COLLECTION_NAME = "db.collection.name";
    static final String DB_NAMESPACE = "db.namespace";
    static final String DB_OPERATION_NAME = "db.operation.name";
    static final String DB_QUERY_SUMMARY = "db.query.summary";
    static final String DB_RESPONSE_STATUS_CODE = "db.response.status_code";
    static final String DB_STORED_PROCEDURE_NAME = "db.stored_procedure.name";
    static final String DB_SYSTEM_NAME = "db.system.name";

    static final String RPC_METHOD = "rpc.method";
    static final String RPC_STATUS_CODE = "rpc.status_code";
    static final String RPC_SYSTEM_NAME = "rpc.system.name";

    static final String MESSAGING_BATCH_MESSAGE_COUNT = "messaging.batch.message_count";
    static final String MESSAGING_CONSUMER_GROUP_NAME = "messaging.consumer.group.name";
    static final String MESSAGING_DESTINATION_NAME = "messaging.destination.name";
    static final String MESSAGING_DESTINATION_PARTITION_ID = "messaging.destination.partition.id";
    static final String MESSAGING_DESTINATION_SUBSCRIPTION_NAME = "messaging.destination.subscription.name";
    static final String MESSAGING_DESTINATION_TEMPLATE = "messaging.destination.template";
    static final String MESSAGING_OPERATION_NAME = "messaging.operation.name";
    static final String MESSAGING_OPERATION_TYPE = "messaging.operation.type";
    static final String MESSAGING_SYSTEM = "messaging.system";

    /** The kind of contract that a tenant has. The conventions have no name for it. */
    static final String TENANT_TIER = "crosscut.tenant.tier";

    /** What is done inside the service. */
    static final String OPERATION = "operation";

    /** What became of an idempotency key. */
    static final String RESULT = "result";

    /** What authorisation decided. */
    static final String DECISION = "decision";

    /** In seconds, for all but databases. */
    static final List<Double> BUCKETS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

    /** In seconds, for databases. */
    static final List<Double> DB_BUCKETS = List.of(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0);

    /**
     * Address and port of the server are left out, which the conventions leave to choice: whoever sends a request chooses
     * them.
     */
    static final Convention HTTP_SERVER = new Convention(
            "http.server.request.duration",
            "Duration of HTTP server requests.",
            BUCKETS,
            List.of(
                    HTTP_REQUEST_METHOD,
                    URL_SCHEME,
                    HTTP_RESPONSE_STATUS_CODE,
                    HTTP_ROUTE,
                    ERROR_TYPE,
                    NETWORK_PROTOCOL_NAME,
                    NETWORK_PROTOCOL_VERSION,
                    TENANT_TIER));

    static final Convention HTTP_CLIENT = new Convention(
            "http.client.request.duration",
            "Duration of HTTP client requests.",
            BUCKETS,
            List.of(
                    HTTP_REQUEST_METHOD,
                    SERVER_ADDRESS,
                    SERVER_PORT,
                    HTTP_RESPONSE_STATUS_CODE,
                    ERROR_TYPE,
                    NETWORK_PROTOCOL_NAME,
                    NETWORK_PROTOCOL_VERSION));

    static final Convention DB_CLIENT = new Convention(
            "db.client.operation.duration",
            "Duration of database client operations.",
            DB_BUCKETS,
            List.of(
                    DB_SYSTEM_NAME,
                    DB_NAMESPACE,
                    DB_COLLECTION_NAME,
                    DB_OPERATION_NAME,
                    DB_QUERY_SUMMARY,
                    DB_STORED_PROCEDURE_NAME,
                    DB_RESPONSE_STATUS_CODE,
                    ERROR_TYPE,
                    SERVER_ADDRESS,
                    SERVER_PORT,
                    NETWORK_PEER_ADDRESS,
                    NETWORK_PEER_PORT));

    static final Convention RPC_SERVER = new Convention(
            "rpc.server.call.duration",
            "Duration of incoming remote procedure calls.",
            BUCKETS,
            List.of(RPC_SYSTEM_NAME, RPC_METHOD, RPC_STATUS_CODE, ERROR_TYPE, TENANT_TIER));

    static final Convention RPC_CLIENT = new Convention(
            "rpc.client.call.duration",
            "Duration of outgoing remote procedure calls.",
            BUCKETS,
            List.of(RPC_SYSTEM_NAME, RPC_METHOD, RPC_STATUS_CODE, ERROR_TYPE, SERVER_ADDRESS, SERVER_PORT));

    static final Convention MESSAGING_CLIENT = new Convention(
            "messaging.client.operation.duration",
            "Duration of messaging operations that a producer or consumer begins.",
            BUCKETS,
            List.of(
                    MESSAGING_SYSTEM,
                    MESSAGING_OPERATION_NAME,
                    MESSAGING_DESTINATION_NAME,
                    MESSAGING_DESTINATION_TEMPLATE,
                    MESSAGING_DESTINATION_PARTITION_ID,
                    ERROR_TYPE,
                    SERVER_ADDRESS,
                    SERVER_PORT,
                    MESSAGING_CONSUMER_GROUP_NAME,
                    MESSAGING_DESTINATION_SUBSCRIPTION_NAME,
                    MESSAGING_OPERATION_TYPE));

    static final Convention MESSAGING_PROCESS = new Convention(
            "messaging.process.duration",
            "Duration of the processing of messages.",
            BUCKETS,
            List.of(
                    MESSAGING_SYSTEM,
                    MESSAGING_OPERATION_NAME,
                    MESSAGING_DESTINATION_NAME,
                    MESSAGING_DESTINATION_TEMPLATE,
                    MESSAGING_DESTINATION_PARTITION_ID,
                    ERROR_TYPE,
                    SERVER_ADDRESS,
                    SERVER_PORT,
                    MESSAGING_CONSUMER_GROUP_NAME,
                    MESSAGING_DESTINATION_SUBSCRIPTION_NAME,
                    TENANT_TIER));

    static final Convention MESSAGING_SENT = new Convention(
            "messaging.client.sent.messages",
            "Number of messages that a producer has tried to send.",
            List.of(),
            List.of(
                    MESSAGING_SYSTEM,
                    MESSAGING_OPERATION_NAME,
                    MESSAGING_DESTINATION_NAME,
                    MESSAGING_DESTINATION_TEMPLATE,
                    MESSAGING_DESTINATION_PARTITION_ID,
                    ERROR_TYPE,
                    SERVER_ADDRESS,
                    SERVER_PORT));

    static final Convention MESSAGING_CONSUMED = new Convention(
            "messaging.client.consumed.messages",
            "Number of messages that were handed to the application.",
            List.of(),
            List.of(
                    MESSAGING_SYSTEM,
                    MESSAGING_OPERATION_NAME,
                    MESSAGING_DESTINATION_NAME,
                    MESSAGING_DESTINATION_TEMPLATE,
                    MESSAGING_DESTINATION_PARTITION_ID,
                    ERROR_TYPE,
                    SERVER_ADDRESS,
                    SERVER_PORT,
                    MESSAGING_CONSUMER_GROUP_NAME,
                    MESSAGING_DESTINATION_SUBSCRIPTION_NAME));

    static final Convention LOCAL = new Convention(
            "crosscut.local.duration", "Duration of work inside the service.", BUCKETS, List.of(OPERATION, ERROR_TYPE));

    static final Convention IDEMPOTENCY = new Convention(
            "crosscut.idempotency", "Exchanges by what became of their idempotency key.", List.of(), List.of(RESULT));

    static final Convention DECISIONS = new Convention(
            "crosscut.decisions", "Exchanges by what authorisation decided.", List.of(), List.of(DECISION));

    static final List<Convention> ALL = List.of(
            HTTP_SERVER,
            HTTP_CLIENT,
            DB_CLIENT,
            RPC_SERVER,
            RPC_CLIENT,
            MESSAGING_CLIENT,
            MESSAGING_PROCESS,
            MESSAGING_SENT,
            MESSAGING_CONSUMED,
            LOCAL,
            IDEMPOTENCY,
            DECISIONS);

    /** Those whose buckets nobody else's choice may change. */
    static final List<Convention> TIMERS =
            ALL.stream().filter(Convention::isTimer).toList();

    private Conventions() {}
}
