-- What others than the homeroom teacher say of a pupil in a term. Append-only: the
-- highest revision stands.

-- The pupil, domain by domain: three questions and a band; only what is confirmed is
-- read by others.
CREATE TABLE self_evaluation (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    did        TEXT      NOT NULL,
    learned    TEXT      NOT NULL,
    intends    TEXT      NOT NULL,
    band       TEXT      CHECK (band IN ('excellent', 'good', 'qualified', 'developing')),
    confirmed  BOOLEAN   NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, domain, revision)
);

-- The lot by which a class is shared out, kept so that anyone can draw it again.
CREATE TABLE peer_draw (
    school_id  INTEGER   NOT NULL,
    class_id   UUID      NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    seed       TEXT      NOT NULL CHECK (seed <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, class_id, term, revision),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);

-- Who is asked about whom.
CREATE TABLE peer_pair (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    by_id      UUID      NOT NULL REFERENCES student (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    class_id   UUID      NOT NULL,
    CHECK (by_id <> student_id),
    PRIMARY KEY (school_id, term, by_id, student_id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
CREATE INDEX peer_pair_by_class ON peer_pair (school_id, class_id, term);

-- One of a few kind sayings a domain, or that one has not noticed.
CREATE TABLE peer_view (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    by_id      UUID      NOT NULL REFERENCES student (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    said       TEXT      NOT NULL CHECK (said <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    FOREIGN KEY (school_id, term, by_id, student_id) REFERENCES peer_pair (school_id, term, by_id, student_id),
    PRIMARY KEY (school_id, student_id, term, by_id, domain, revision)
);

-- A guardian, domain by domain, in words; taken back is a revision without words.
CREATE TABLE guardian_view (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    account_id UUID      NOT NULL REFERENCES account (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    text       TEXT      NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, account_id, domain, revision)
);

-- The few observation items that are given as a band, each by its own recorder: `of_subject`
-- is the subject of a subject teacher, and empty else.
CREATE TABLE indicator_band (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    code       TEXT      NOT NULL CHECK (code <> ''),
    recorder   TEXT      NOT NULL CHECK (recorder IN ('homeroom', 'subject', 'guardian')),
    of_subject TEXT      NOT NULL,
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    band       TEXT      CHECK (band IN ('excellent', 'good', 'qualified', 'developing')),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, code, recorder, of_subject, revision)
);

-- What came of the help measure of the term before.
CREATE TABLE help_outcome (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    domain     TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    text       TEXT      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, term, domain, revision)
);

-- A subject teacher's line beside the band.
ALTER TABLE subject_band ADD COLUMN line TEXT;
