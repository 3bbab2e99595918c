-- A child is the county's; numbers are sealed and found by a keyed hash.
-- `school_id` is the school that keeps the child's file now.
CREATE TABLE student (
    id            UUID NOT NULL PRIMARY KEY,
    school_id     INTEGER NOT NULL REFERENCES school (id),
    name          TEXT NOT NULL CHECK (name <> ''),
    pinyin        TEXT NOT NULL,
    former_name   TEXT,
    sex           TEXT NOT NULL CHECK (sex IN ('1', '2')),
    born_on       DATE NOT NULL,
    ethnic        TEXT CHECK (length(ethnic) = 2),
    political     TEXT,
    boarding      TEXT,
    left_behind   TEXT,
    regular_class TEXT,
    number_sealed BYTEA NOT NULL,
    number_hash   TEXT NOT NULL UNIQUE,
    document_kind TEXT,
    document_sealed BYTEA,
    document_hash TEXT UNIQUE
);

-- Parents and others as the roster names them; a telephone number is sealed.
CREATE TABLE family_member (
    student_id   UUID    NOT NULL REFERENCES student (id),
    ordinal      INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    relation     TEXT,
    phone_sealed BYTEA,
    is_guardian  BOOLEAN,
    PRIMARY KEY (student_id, ordinal)
);

CREATE TABLE membership (
    id         UUID    NOT NULL PRIMARY KEY,
    account_id UUID    NOT NULL REFERENCES account (id),
    role       TEXT    NOT NULL CHECK (role IN ('teacher', 'office', 'principal', 'county', 'supervisor', 'pupil')),
    school_id  INTEGER REFERENCES school (id),
    student_id UUID    REFERENCES student (id),
    since      DATE    NOT NULL,
    until      DATE,
    CHECK ((role IN ('county', 'supervisor')) = (school_id IS NULL)),
    CHECK ((role = 'pupil') = (student_id IS NOT NULL))
);
CREATE INDEX membership_by_account ON membership (account_id);

CREATE TABLE guardianship (
    id         UUID      NOT NULL PRIMARY KEY,
    account_id UUID      NOT NULL REFERENCES account (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    relation   TEXT      NOT NULL,
    since      TIMESTAMP NOT NULL,
    ended_at   TIMESTAMP
);
CREATE UNIQUE INDEX one_guardianship_at_a_time ON guardianship (account_id, student_id) WHERE ended_at IS NULL;
CREATE INDEX guardianship_by_student ON guardianship (student_id);

CREATE TABLE consent (
    id           UUID      NOT NULL PRIMARY KEY,
    account_id   UUID      NOT NULL REFERENCES account (id),
    student_id   UUID      NOT NULL REFERENCES student (id),
    text_version INTEGER   NOT NULL,
    channel      TEXT      NOT NULL CHECK (channel IN ('phone', 'paper')),
    given_at     TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP
);

-- A paper slip that lets a guardian bind one child; its code is kept as a keyed hash.
CREATE TABLE slip (
    code_hash  TEXT      NOT NULL PRIMARY KEY,
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    expires_at TIMESTAMP NOT NULL,
    used_at    TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX slip_by_student ON slip (student_id);

CREATE TABLE class (
    school_id INTEGER NOT NULL REFERENCES school (id),
    id        UUID    NOT NULL,
    cohort    INTEGER NOT NULL,
    number    INTEGER NOT NULL CHECK (number BETWEEN 1 AND 60),
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, cohort, number)
);

-- A stay of one pupil in one class at one seat; a move closes it and opens another.
CREATE TABLE enrolment (
    school_id  INTEGER NOT NULL,
    id         UUID    NOT NULL,
    student_id UUID    NOT NULL REFERENCES student (id),
    class_id   UUID    NOT NULL,
    seat       INTEGER NOT NULL CHECK (seat BETWEEN 1 AND 99),
    auxiliary  TEXT,
    entered_on DATE    NOT NULL,
    left_on    DATE,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    CHECK (left_on IS NULL OR entered_on <= left_on)
);
CREATE UNIQUE INDEX one_enrolment_at_a_time ON enrolment (school_id, student_id) WHERE left_on IS NULL;
CREATE UNIQUE INDEX one_pupil_a_seat ON enrolment (school_id, class_id, seat) WHERE left_on IS NULL;
CREATE INDEX enrolment_by_student ON enrolment (school_id, student_id);
CREATE INDEX enrolment_by_class ON enrolment (school_id, class_id);

-- Who teaches or leads a class in a term.
CREATE TABLE post (
    school_id  INTEGER NOT NULL,
    id         UUID    NOT NULL,
    term       INTEGER NOT NULL REFERENCES term (id),
    class_id   UUID    NOT NULL,
    account_id UUID    NOT NULL REFERENCES account (id),
    role       TEXT    NOT NULL CHECK (role IN ('homeroom', 'deputy', 'subject')),
    subject    TEXT,
    since      DATE    NOT NULL,
    until      DATE,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    CHECK ((role = 'subject') = (subject IS NOT NULL))
);
CREATE UNIQUE INDEX one_homeroom_at_a_time ON post (school_id, class_id, term) WHERE role = 'homeroom' AND until IS NULL;
CREATE INDEX post_by_account ON post (school_id, account_id);

-- The accepted rows of a dry run, sealed, for an hour.
CREATE TABLE import_waiting (
    school_id    INTEGER   NOT NULL REFERENCES school (id),
    token_sha256 TEXT      NOT NULL,
    rows_sealed  BYTEA     NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, token_sha256)
);
