-- Someone of the staff has looked at the pupils of a class: once per person, class and day.
CREATE TABLE reading (
    school_id  INTEGER NOT NULL,
    class_id   UUID    NOT NULL,
    day        DATE    NOT NULL,
    account_id UUID    NOT NULL REFERENCES account (id),
    role       TEXT    NOT NULL,
    PRIMARY KEY (school_id, class_id, day, account_id, role),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);

-- A guardian asks for a correction or a deletion; the school answers in writing.
CREATE TABLE data_request (
    school_id   INTEGER   NOT NULL REFERENCES school (id),
    id          UUID      NOT NULL,
    student_id  UUID      NOT NULL REFERENCES student (id),
    account_id  UUID      NOT NULL REFERENCES account (id),
    kind        TEXT      NOT NULL CHECK (kind IN ('correct', 'delete')),
    text        TEXT      NOT NULL CHECK (text <> ''),
    asked_at    TIMESTAMP NOT NULL,
    due_on      DATE      NOT NULL,
    answer      TEXT      CHECK (answer <> ''),
    answered_by UUID      REFERENCES account (id),
    answered_at TIMESTAMP,
    PRIMARY KEY (school_id, id),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX data_request_by_student ON data_request (school_id, student_id);
