-- A stage is a row with a who and a when.
CREATE TABLE signature (
    school_id  INTEGER   NOT NULL,
    class_id   UUID      NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, class_id, term),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);

-- The very bytes that were sealed; never serialised again.
CREATE TABLE sealed_file (
    school_id INTEGER NOT NULL,
    sha256    TEXT    NOT NULL,
    bytes     BYTEA   NOT NULL,
    PRIMARY KEY (school_id, sha256)
);

-- A pupil's term, or with part 'graduation' the end of junior high, sealed.
CREATE TABLE seal (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    part       TEXT      NOT NULL CHECK (part IN ('term', 'graduation')),
    version    INTEGER   NOT NULL CHECK (version > 0),
    class_id   UUID      NOT NULL,
    sha256     TEXT      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, part, version),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    FOREIGN KEY (school_id, sha256) REFERENCES sealed_file (school_id, sha256)
);
CREATE INDEX seal_by_class ON seal (school_id, class_id, term);
