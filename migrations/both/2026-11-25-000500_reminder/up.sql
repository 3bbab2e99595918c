-- A reminder goes to one person, about one matter, once a day; nobody else reads it.
CREATE TABLE reminder (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    matter     TEXT      NOT NULL CHECK (matter IN ('self', 'housework', 'selection', 'class')),
    class_id   UUID      NOT NULL,
    student_id UUID      REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    day        DATE      NOT NULL,
    by_id      UUID      NOT NULL REFERENCES account (id),
    role       TEXT      NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    CHECK ((matter = 'class') = (student_id IS NULL))
);
-- Two indexes: in a unique one an absent pupil would be like no other.
CREATE UNIQUE INDEX reminder_once_a_day ON reminder (school_id, account_id, matter, student_id, day) WHERE student_id IS NOT NULL;
CREATE UNIQUE INDEX reminder_of_class_once_a_day ON reminder (school_id, account_id, matter, class_id, day) WHERE student_id IS NULL;
CREATE INDEX reminder_by_account ON reminder (account_id, at);
CREATE INDEX objection_by_account ON objection (account_id);

-- When someone opened their inbox: what came before is read.
CREATE TABLE inbox_opening (
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, at)
);
