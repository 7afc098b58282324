-- The records of idempotency keys, format 1.
CREATE TABLE IF NOT EXISTS crosscut_idempotency (
    k           BINARY(32) NOT NULL PRIMARY KEY,
    state       SMALLINT   NOT NULL,
    owner       BIGINT     NOT NULL,
    epoch       INTEGER    NOT NULL,
    fp          BINARY(32) NOT NULL,
    lease_until BIGINT     NOT NULL,
    expires_at  BIGINT     NOT NULL,
    data        LONGBLOB,
    KEY crosscut_idempotency_expires_at (expires_at)
) ENGINE = InnoDB;

-- One row: the version of the above, and the oldest release, by the version that it knows, that can work with it.
CREATE TABLE IF NOT EXISTS crosscut_idempotency_schema (
    id          SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version     INTEGER  NOT NULL,
    readable_by INTEGER  NOT NULL
) ENGINE = InnoDB;

INSERT IGNORE INTO crosscut_idempotency_schema (id, version, readable_by) VALUES (1, 1, 1);
