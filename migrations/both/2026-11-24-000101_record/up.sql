-- One event 活动: who wrote it down, for which class and term. Its id is made by whom it
-- is written, so that the same form sent twice is one activity.
CREATE TABLE activity (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    class_id   UUID      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    role       TEXT      NOT NULL,
    on_behalf  BOOLEAN   NOT NULL,
    made_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
CREATE INDEX activity_by_class ON activity (school_id, class_id, term);

-- What is told of it. Append-only: the highest revision stands.
CREATE TABLE telling (
    school_id   INTEGER   NOT NULL,
    activity_id UUID      NOT NULL,
    revision    INTEGER   NOT NULL CHECK (revision > 0),
    indicator   TEXT      NOT NULL,
    domain      TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    also        TEXT      NOT NULL,
    title       TEXT      NOT NULL,
    starts_on   DATE      NOT NULL,
    ends_on     DATE      NOT NULL CHECK (ends_on >= starts_on),
    place       TEXT      CHECK (place <> ''),
    organiser   TEXT      CHECK (organiser <> ''),
    level       TEXT      CHECK (level IN ('class', 'school', 'county', 'city', 'province', 'nation')),
    minutes     INTEGER   CHECK (minutes > 0),
    attained    TEXT      CHECK (attained <> ''),
    words       TEXT      CHECK (words <> ''),
    account_id  UUID      NOT NULL REFERENCES account (id),
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, activity_id, revision),
    FOREIGN KEY (school_id, activity_id) REFERENCES activity (school_id, id)
);

-- One pupil in it 写实记录. Append-only: the highest revision stands, and says who
-- brought it there. Only a draft may still have no title.
CREATE TABLE record (
    school_id   INTEGER   NOT NULL,
    term        INTEGER   NOT NULL REFERENCES term (id),
    student_id  UUID      NOT NULL REFERENCES student (id),
    activity_id UUID      NOT NULL,
    revision    INTEGER   NOT NULL CHECK (revision > 0),
    part        TEXT      NOT NULL CHECK (part IN ('organiser', 'main', 'participant')),
    state       TEXT      NOT NULL CHECK (state IN ('draft', 'submitted', 'confirmed', 'returned', 'withdrawn')),
    note        TEXT      CHECK (note <> ''),
    account_id  UUID      NOT NULL REFERENCES account (id),
    role        TEXT      NOT NULL,
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, activity_id, revision),
    FOREIGN KEY (school_id, activity_id) REFERENCES activity (school_id, id),
    CHECK (state <> 'returned' OR note IS NOT NULL)
);
CREATE INDEX record_by_activity ON record (school_id, activity_id);
CREATE INDEX record_by_student ON record (school_id, student_id);

-- What happens every week or day, where only the exceptions are written down: held on
-- a day, all present but the absences of the same revision.
CREATE TABLE roll_call (
    school_id  INTEGER   NOT NULL,
    class_id   UUID      NOT NULL,
    kind       TEXT      NOT NULL CHECK (kind IN ('flag', 'duty', 'exercise', 'lesson')),
    day        DATE      NOT NULL,
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    term       INTEGER   NOT NULL REFERENCES term (id),
    held       BOOLEAN   NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, class_id, kind, day, revision),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
CREATE INDEX roll_call_by_term ON roll_call (school_id, class_id, term);

CREATE TABLE absence (
    school_id  INTEGER NOT NULL,
    class_id   UUID    NOT NULL,
    kind       TEXT    NOT NULL,
    day        DATE    NOT NULL,
    revision   INTEGER NOT NULL,
    student_id UUID    NOT NULL REFERENCES student (id),
    PRIMARY KEY (school_id, class_id, kind, day, revision, student_id),
    FOREIGN KEY (school_id, class_id, kind, day, revision) REFERENCES roll_call (school_id, class_id, kind, day, revision)
);
CREATE INDEX absence_by_student ON absence (school_id, student_id);
