-- The records of idempotency keys, format 1.
CREATE TABLE IF NOT EXISTS crosscut_idempotency (
    k           BYTEA    NOT NULL PRIMARY KEY CHECK (octet_length(k) = 32),
    state       SMALLINT NOT NULL,
    owner       BIGINT   NOT NULL,
    epoch       INTEGER  NOT NULL,
    fp          BYTEA    NOT NULL CHECK (octet_length(fp) = 32),
    lease_until BIGINT   NOT NULL,
    expires_at  BIGINT   NOT NULL,
    data        BYTEA
);

CREATE INDEX IF NOT EXISTS crosscut_idempotency_expires_at ON crosscut_idempotency (expires_at);

-- One row: the version of the above, and the oldest release, by the version that it knows, that can work with it.
CREATE TABLE IF NOT EXISTS crosscut_idempotency_schema (
    id          SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version     INTEGER  NOT NULL,
    readable_by INTEGER  NOT NULL
);

INSERT INTO crosscut_idempotency_schema (id, version, readable_by)
SELECT 1, 1, 1 WHERE NOT EXISTS (SELECT 1 FROM crosscut_idempotency_schema);
