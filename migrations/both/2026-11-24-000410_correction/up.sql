-- 更正单: what should be otherwise in a sealed term, who asks and why.
CREATE TABLE correction (
    school_id   INTEGER   NOT NULL REFERENCES school (id),
    id          UUID      NOT NULL,
    student_id  UUID      NOT NULL REFERENCES student (id),
    term        INTEGER   NOT NULL REFERENCES term (id),
    version     INTEGER   NOT NULL CHECK (version > 0),
    item        TEXT      NOT NULL CHECK (item IN ('moral', 'academic', 'physical', 'aesthetic', 'labour', 'comment')),
    becomes     TEXT      NOT NULL CHECK (becomes <> ''),
    why         TEXT      NOT NULL CHECK (why <> ''),
    account_id  UUID      NOT NULL REFERENCES account (id),
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id)
);
CREATE INDEX correction_by_student ON correction (school_id, student_id);

-- What two others said to it. Nobody rules twice, and never whoever asked.
CREATE TABLE correction_ruling (
    school_id     INTEGER   NOT NULL,
    correction_id UUID      NOT NULL,
    account_id    UUID      NOT NULL REFERENCES account (id),
    approves      BOOLEAN   NOT NULL,
    words         TEXT      NOT NULL,
    at            TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, correction_id, account_id),
    FOREIGN KEY (school_id, correction_id) REFERENCES correction (school_id, id)
);
