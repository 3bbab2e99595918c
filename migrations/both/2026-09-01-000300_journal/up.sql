-- One chain per school, and chain 0 for the county.
CREATE TABLE journal_head (
    school_id INTEGER NOT NULL PRIMARY KEY,
    n         BIGINT  NOT NULL,
    sha256    TEXT    NOT NULL
);

CREATE TABLE journal (
    school_id     INTEGER   NOT NULL,
    n             BIGINT    NOT NULL,
    at            TIMESTAMP NOT NULL,
    account_id    UUID,
    role          TEXT      NOT NULL,
    verb          TEXT      NOT NULL,
    about         TEXT      NOT NULL,
    detail_sha256 TEXT      NOT NULL,
    sha256        TEXT      NOT NULL,
    PRIMARY KEY (school_id, n)
);

-- What was done in full; only a journalled purge removes it, the line above stays.
CREATE TABLE journal_detail (
    school_id INTEGER NOT NULL,
    n         BIGINT  NOT NULL,
    salt      TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    PRIMARY KEY (school_id, n),
    FOREIGN KEY (school_id, n) REFERENCES journal (school_id, n)
);

-- The heads of every chain, signed once a night.
CREATE TABLE journal_night (
    night DATE NOT NULL PRIMARY KEY,
    heads TEXT NOT NULL
);
