-- 遴选: which confirmed records a pupil chose of a term. Append-only: the highest revision
-- stands; opened again by the homeroom teacher, with a word, it keeps what was chosen.
CREATE TABLE selection (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    state      TEXT      NOT NULL CHECK (state IN ('draft', 'confirmed', 'opened')),
    word       TEXT      CHECK (word <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    CHECK (state <> 'opened' OR word IS NOT NULL),
    PRIMARY KEY (school_id, student_id, term, revision)
);

CREATE TABLE selected_record (
    school_id   INTEGER NOT NULL,
    student_id  UUID    NOT NULL REFERENCES student (id),
    term        INTEGER NOT NULL REFERENCES term (id),
    revision    INTEGER NOT NULL,
    activity_id UUID    NOT NULL,
    why         TEXT    NOT NULL,
    PRIMARY KEY (school_id, student_id, term, revision, activity_id),
    FOREIGN KEY (school_id, student_id, term, revision) REFERENCES selection (school_id, student_id, term, revision),
    FOREIGN KEY (school_id, activity_id) REFERENCES activity (school_id, id)
);
