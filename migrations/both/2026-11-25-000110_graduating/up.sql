-- What is said at the end of junior high: the pupil's own statement, the class teacher's comment.
CREATE TABLE graduation_word (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    kind       TEXT      NOT NULL CHECK (kind IN ('statement', 'comment')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    text       TEXT      NOT NULL CHECK (text <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, kind, revision)
);

-- One graduate's file was looked through by somebody who did not decide it. What changes
-- after a tick wants another.
CREATE TABLE graduation_tick (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    n          INTEGER   NOT NULL CHECK (n > 0),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, n)
);
