/** An application that requires every module of Crosscut by its name. */
module example.consumer {
    requires dev.crosscut.core;
    requires dev.crosscut.idempotency;
    requires dev.crosscut.idempotency.jdbc;
    requires dev.crosscut.idempotency.redis;
    requires dev.crosscut.jdbc;
    requires dev.crosscut.jdkhttpclient;
    requires dev.crosscut.logging;
    requires dev.crosscut.metrics;
    requires dev.crosscut.servlet;
    requires dev.crosscut.tck;
    requires dev.crosscut.tracing;
}
