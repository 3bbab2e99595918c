-- Append-only: the current band of a cell is its highest revision; a band taken
-- back is a revision without band.
CREATE TABLE banding (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    band       TEXT      CHECK (band IN ('excellent', 'good', 'qualified', 'developing')),
    ground     TEXT      CHECK (ground <> ''),
    help       TEXT      CHECK (help <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, domain, revision)
);

CREATE TABLE comment (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    text       TEXT      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, revision)
);

-- 寄语: what the family says to the child.
CREATE TABLE message (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    account_id UUID      NOT NULL REFERENCES account (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    text       TEXT      NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, account_id, revision)
);

-- The class committee's five bands at graduation.
CREATE TABLE graduation (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    band       TEXT      CHECK (band IN ('excellent', 'good', 'qualified', 'developing')),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, domain, revision)
);
