-- 学科学期学业等级. Append-only: the highest revision stands; a band taken back is a
-- revision without band. A mark has no column here, nor anywhere.
CREATE TABLE subject_band (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    subject    TEXT      NOT NULL CHECK (subject <> ''),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    band       TEXT      CHECK (band IN ('excellent', 'good', 'qualified', 'developing')),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, subject, revision)
);
