CREATE TABLE account (
    id            UUID      NOT NULL PRIMARY KEY,
    login         TEXT      NOT NULL UNIQUE CHECK (login <> '' AND login = lower(login)),
    name          TEXT      NOT NULL CHECK (name <> ''),
    password_hash TEXT,
    password_at   TIMESTAMP,
    created_at    TIMESTAMP NOT NULL,
    disabled_at   TIMESTAMP
);

CREATE TABLE session (
    id           UUID      NOT NULL PRIMARY KEY,
    account_id   UUID      NOT NULL REFERENCES account (id),
    device_id    UUID      NOT NULL,
    desk         TEXT,
    many_desks   BOOLEAN   NOT NULL,
    signed_in_at TIMESTAMP NOT NULL,
    seen_at      TIMESTAMP NOT NULL,
    renewed_at   TIMESTAMP NOT NULL,
    ended_at     TIMESTAMP
);
CREATE INDEX session_by_account ON session (account_id);

-- A browser that an account has signed in on before; its cookie is kept as a hash.
CREATE TABLE device (
    id           UUID      NOT NULL PRIMARY KEY,
    account_id   UUID      NOT NULL REFERENCES account (id),
    token_sha256 TEXT      NOT NULL,
    name         TEXT      NOT NULL,
    first_at     TIMESTAMP NOT NULL,
    last_at      TIMESTAMP NOT NULL,
    UNIQUE (account_id, token_sha256)
);

-- Logins and networks as keyed hashes: what people mistype here may be a password.
CREATE TABLE sign_in_failure (
    id         UUID      NOT NULL PRIMARY KEY,
    login_hash TEXT      NOT NULL,
    network    TEXT      NOT NULL,
    device_id  UUID,
    at         TIMESTAMP NOT NULL
);
CREATE INDEX sign_in_failure_by_login ON sign_in_failure (login_hash, at);
CREATE INDEX sign_in_failure_by_network ON sign_in_failure (network, at);

CREATE TABLE single_use_link (
    token_sha256 TEXT      NOT NULL PRIMARY KEY,
    account_id   UUID      NOT NULL REFERENCES account (id),
    expires_at   TIMESTAMP NOT NULL,
    used_at      TIMESTAMP
);
