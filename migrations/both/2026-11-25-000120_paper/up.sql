-- 补录: a term before this platform, brought in from paper: five words and a comment.
CREATE TABLE paper_term (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    class_id   UUID      NOT NULL,
    moral      TEXT      CHECK (moral IN ('excellent', 'good', 'qualified', 'developing')),
    academic   TEXT      CHECK (academic IN ('excellent', 'good', 'qualified', 'developing')),
    physical   TEXT      CHECK (physical IN ('excellent', 'good', 'qualified', 'developing')),
    aesthetic  TEXT      CHECK (aesthetic IN ('excellent', 'good', 'qualified', 'developing')),
    labour     TEXT      CHECK (labour IN ('excellent', 'good', 'qualified', 'developing')),
    comment    TEXT      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, revision),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
