-- What the school says to a family, one person each: a record to be completed, an answer
-- about the data, a sealed term corrected, the portfolio sealed. Nobody else reads it.
CREATE TABLE letter (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    matter     TEXT      NOT NULL CHECK (matter IN ('returned', 'data', 'corrected', 'portfolio')),
    student_id UUID      NOT NULL REFERENCES student (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id)
);
CREATE INDEX letter_by_account ON letter (account_id, at);
CREATE INDEX letter_by_time ON letter (school_id, at);
CREATE INDEX reminder_by_time ON reminder (school_id, at);
CREATE INDEX objection_step_by_time ON objection_step (school_id, at);

-- Where a school's own messenger is told that something came to an inbox. Append-only: the
-- highest revision stands; without an address nothing is sent.
CREATE TABLE webhook (
    school_id     INTEGER   NOT NULL REFERENCES school (id),
    revision      INTEGER   NOT NULL CHECK (revision > 0),
    url           TEXT      CHECK (url <> ''),
    secret_sealed BYTEA,
    account_id    UUID      NOT NULL REFERENCES account (id),
    at            TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, revision),
    CHECK ((url IS NULL) = (secret_sealed IS NULL))
);

-- One attempt to send a letter. Its row is there before it begins, so that of several
-- servers only one does it.
CREATE TABLE webhook_try (
    school_id INTEGER   NOT NULL REFERENCES school (id),
    letter    TEXT      NOT NULL,
    n         INTEGER   NOT NULL CHECK (n BETWEEN 1 AND 6),
    begun_at  TIMESTAMP NOT NULL,
    ended_at  TIMESTAMP,
    arrived   BOOLEAN   NOT NULL,
    fault     TEXT      CHECK (fault <> ''),
    PRIMARY KEY (school_id, letter, n),
    CHECK (NOT arrived OR (ended_at IS NOT NULL AND fault IS NULL))
);
CREATE INDEX webhook_try_by_time ON webhook_try (school_id, begun_at);
