package dev.crosscut.idempotency.jdbc;

import dev.crosscut.idempotency.Claim;
import dev.crosscut.idempotency.ClaimTerms;
import dev.crosscut.idempotency.Fingerprint;
import dev.crosscut.idempotency.IdempotencyStore;
import dev.crosscut.idempotency.RecordKey;
import dev.crosscut.idempotency.Ticket;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Duration;

/**
 * The records within a transaction of the caller's: one statement a call where the database can, and no commit, roll-back,
 * savepoint or second attempt of its own.
 */
final class TransactionStore implements IdempotencyStore {

    private final Records records;
    private final Session session;

    TransactionStore(Records records, Session session) {
        this.records = records;
        this.session = session;
    }

    @Override
    public Claim claim(RecordKey key, Fingerprint fingerprint, ClaimTerms terms) {
        try {
            return records.claim(session, key, fingerprint, terms);
        } catch (SQLException e) {
            throw failed("the claim of record ", key, e);
        }
    }

    @Override
    public boolean complete(Ticket ticket, ByteBuffer outcome, Duration retention) {
        try {
            return records.complete(session, ticket, outcome, retention);
        } catch (SQLException e) {
            throw failed("the completion of record ", ticket.key(), e);
        }
    }

    @Override
    public boolean release(Ticket ticket) {
        try {
            return records.release(session, ticket);
        } catch (SQLException e) {
            throw failed("the release of record ", ticket.key(), e);
        }
    }

    @Override
    public boolean renew(Ticket ticket, Duration lease, ByteBuffer progress) {
        try {
            return records.renew(session, ticket, lease, progress);
        } catch (SQLException e) {
            throw failed("the renewal of record ", ticket.key(), e);
        }
    }

    private static JdbcStoreException failed(String what, RecordKey key, SQLException e) {
        return new JdbcStoreException(what + key + " in the caller's transaction", e);
    }
}
