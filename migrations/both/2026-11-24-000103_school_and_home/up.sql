-- A week's housework of one child: what was done, and what a guardian says to it.
-- Append-only: the highest revision stands.
CREATE TABLE housework (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    monday     DATE      NOT NULL,
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    items      TEXT      NOT NULL,
    state      TEXT      NOT NULL CHECK (state IN ('said', 'confirmed', 'differs')),
    note       TEXT      CHECK (note <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    role       TEXT      NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, monday, revision),
    CHECK (state <> 'differs' OR note IS NOT NULL)
);

-- 诚信承诺: once a term and person.
CREATE TABLE pledge (
    school_id    INTEGER   NOT NULL REFERENCES school (id),
    term         INTEGER   NOT NULL REFERENCES term (id),
    student_id   UUID      NOT NULL REFERENCES student (id),
    account_id   UUID      NOT NULL REFERENCES account (id),
    role         TEXT      NOT NULL,
    text_version INTEGER   NOT NULL,
    at           TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, account_id)
);

-- 家校沟通 (article 30): a visit, a meeting, an open day, a call; one that lies ahead is
-- an invitation. Append-only: the highest revision stands.
CREATE TABLE contact (
    school_id  INTEGER   NOT NULL,
    id         UUID      NOT NULL,
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    term       INTEGER   NOT NULL REFERENCES term (id),
    class_id   UUID      NOT NULL,
    kind       TEXT      NOT NULL CHECK (kind IN ('visit', 'meeting', 'open_day', 'call')),
    day        DATE      NOT NULL,
    place      TEXT      CHECK (place <> ''),
    words      TEXT      NOT NULL CHECK (words <> ''),
    shared     BOOLEAN   NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id, revision),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id)
);
CREATE INDEX contact_by_class ON contact (school_id, class_id, term);

CREATE TABLE contact_family (
    school_id  INTEGER NOT NULL,
    contact_id UUID    NOT NULL,
    student_id UUID    NOT NULL REFERENCES student (id),
    PRIMARY KEY (school_id, contact_id, student_id)
);
CREATE INDEX contact_family_by_student ON contact_family (school_id, student_id);

CREATE TABLE contact_reply (
    school_id  INTEGER   NOT NULL,
    contact_id UUID      NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    coming     BOOLEAN   NOT NULL,
    words      TEXT      CHECK (words <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, contact_id, student_id, revision),
    FOREIGN KEY (school_id, contact_id, student_id) REFERENCES contact_family (school_id, contact_id, student_id)
);
