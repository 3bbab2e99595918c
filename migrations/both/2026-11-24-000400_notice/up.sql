-- Somebody says that something is wrong: an item, a text; what came of it stands in its steps.
CREATE TABLE objection (
    school_id   INTEGER   NOT NULL REFERENCES school (id),
    id          UUID      NOT NULL,
    class_id    UUID      NOT NULL,
    term        INTEGER   NOT NULL REFERENCES term (id),
    student_id  UUID      NOT NULL REFERENCES student (id),
    item        TEXT      NOT NULL CHECK (item IN ('band', 'fact', 'missing')),
    domain      TEXT      CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    activity_id UUID,
    cited       TEXT      NOT NULL CHECK (cited <> ''),
    text        TEXT      NOT NULL CHECK (text <> ''),
    account_id  UUID      NOT NULL REFERENCES account (id),
    role        TEXT      NOT NULL,
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    CHECK ((item = 'band') = (domain IS NOT NULL)),
    CHECK ((item = 'fact') = (activity_id IS NOT NULL))
);
CREATE INDEX objection_by_class ON objection (school_id, class_id, term);
CREATE INDEX objection_by_student ON objection (school_id, student_id);

-- A step of an objection. The newest says whose turn it is and until when.
CREATE TABLE objection_step (
    school_id    INTEGER   NOT NULL,
    objection_id UUID      NOT NULL,
    n            INTEGER   NOT NULL CHECK (n > 0),
    kind         TEXT      NOT NULL CHECK (kind IN ('assigned', 'upheld', 'refused', 'withdrawn', 'escalated')),
    instance     TEXT      NOT NULL CHECK (instance IN ('office', 'committee', 'county')),
    handler_id   UUID      REFERENCES account (id),
    due_on       DATE,
    text         TEXT      NOT NULL,
    account_id   UUID      NOT NULL REFERENCES account (id),
    role         TEXT      NOT NULL,
    at           TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, objection_id, n),
    FOREIGN KEY (school_id, objection_id) REFERENCES objection (school_id, id)
);

-- A notice of a class's facts; round 2 and later show one item that an objection changed.
CREATE TABLE notice (
    school_id    INTEGER   NOT NULL REFERENCES school (id),
    id           UUID      NOT NULL,
    class_id     UUID      NOT NULL,
    term         INTEGER   NOT NULL REFERENCES term (id),
    part         TEXT      NOT NULL CHECK (part IN ('term', 'graduation')),
    round        INTEGER   NOT NULL CHECK (round > 0),
    audience     TEXT      NOT NULL CHECK (audience IN ('class', 'grade')),
    first_on     DATE      NOT NULL,
    last_on      DATE      NOT NULL,
    missing      INTEGER   NOT NULL CHECK (missing >= 0),
    reason       TEXT      CHECK (reason <> ''),
    objection_id UUID,
    student_id   UUID      REFERENCES student (id),
    was          TEXT,
    becomes      TEXT,
    account_id   UUID      NOT NULL REFERENCES account (id),
    opened_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, class_id, term, part, round),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    FOREIGN KEY (school_id, objection_id) REFERENCES objection (school_id, id),
    CHECK (first_on <= last_on),
    CHECK ((round = 1) = (objection_id IS NULL)),
    CHECK ((missing = 0) OR (reason IS NOT NULL))
);

-- After the notice: the class teacher has checked, the office has reviewed.
CREATE TABLE stage_signature (
    school_id  INTEGER   NOT NULL,
    class_id   UUID      NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    part       TEXT      NOT NULL CHECK (part IN ('term', 'graduation')),
    step       TEXT      NOT NULL CHECK (step IN ('checked', 'reviewed')),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, class_id, term, part, step),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
