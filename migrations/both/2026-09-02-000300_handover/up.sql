-- A pupil's files that left for another school, or came from one.
CREATE TABLE handover (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    direction  TEXT      NOT NULL CHECK (direction IN ('out', 'in')),
    issuer     TEXT      NOT NULL,
    package_sha256 TEXT  NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id)
);

-- The sealed terms that came with a pupil: the chain goes on from them.
CREATE TABLE handed_term (
    school_id   INTEGER NOT NULL,
    student_id  UUID    NOT NULL REFERENCES student (id),
    term        INTEGER NOT NULL REFERENCES term (id),
    version     INTEGER NOT NULL CHECK (version > 0),
    sha256      TEXT    NOT NULL,
    handover_id UUID    NOT NULL,
    PRIMARY KEY (school_id, student_id, term, version),
    FOREIGN KEY (school_id, sha256) REFERENCES sealed_file (school_id, sha256),
    FOREIGN KEY (school_id, handover_id) REFERENCES handover (school_id, id)
);
