-- A telephone number one may sign in with, once it is confirmed; sealed, and found
-- by a keyed hash. Nobody signs in by a number that is only claimed.
CREATE TABLE account_phone (
    account_id   UUID      NOT NULL PRIMARY KEY REFERENCES account (id),
    phone_hash   TEXT      NOT NULL,
    phone_sealed BYTEA     NOT NULL,
    asked_at     TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP
);
CREATE UNIQUE INDEX one_account_a_phone ON account_phone (phone_hash) WHERE confirmed_at IS NOT NULL;

-- While a guardianship is disputed it opens nothing; the school settles it.
CREATE TABLE guardian_dispute (
    id              UUID      NOT NULL PRIMARY KEY,
    guardianship_id UUID      NOT NULL REFERENCES guardianship (id),
    school_id       INTEGER   NOT NULL REFERENCES school (id),
    opened_at       TIMESTAMP NOT NULL,
    settled_at      TIMESTAMP
);
CREATE UNIQUE INDEX one_dispute_at_a_time ON guardian_dispute (guardianship_id) WHERE settled_at IS NULL;

-- A second factor: a secret in its owner's phone (RFC 6238). `last_step` is the last
-- half minute whose code was used: no code works twice.
CREATE TABLE second_factor (
    account_id    UUID      NOT NULL PRIMARY KEY REFERENCES account (id),
    secret_sealed BYTEA     NOT NULL,
    made_at       TIMESTAMP NOT NULL,
    confirmed_at  TIMESTAMP,
    last_step     BIGINT    NOT NULL
);

CREATE TABLE recovery_code (
    account_id UUID      NOT NULL REFERENCES account (id),
    code_hash  TEXT      NOT NULL,
    used_at    TIMESTAMP,
    PRIMARY KEY (account_id, code_hash)
);
