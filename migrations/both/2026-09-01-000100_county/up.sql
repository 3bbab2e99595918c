-- County-wide: the county itself, its schools, the calendar, the names of its keys.
CREATE TABLE county (
    name TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE school (
    id        INTEGER NOT NULL PRIMARY KEY,
    code      TEXT    NOT NULL UNIQUE CHECK (length(code) = 10),
    name      TEXT    NOT NULL CHECK (name <> ''),
    joined_at TIMESTAMP NOT NULL
);

-- 20261 is 2026—2027 学年第一学期.
CREATE TABLE term (
    id        INTEGER NOT NULL PRIMARY KEY CHECK (id % 10 IN (1, 2) AND id > 20000),
    starts_on DATE    NOT NULL,
    ends_on   DATE    NOT NULL,
    CHECK (starts_on < ends_on)
);

-- Days that are not what their weekday says; each with the order that says so.
CREATE TABLE calendar_day (
    day   DATE NOT NULL PRIMARY KEY,
    kind  TEXT NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name  TEXT NOT NULL,
    issued_in TEXT NOT NULL
);

-- Years without an order yet: weekends only, marked 未公布.
CREATE TABLE calendar_year (
    year      INTEGER NOT NULL PRIMARY KEY,
    announced BOOLEAN NOT NULL
);

CREATE TABLE key_name (
    kid     TEXT      NOT NULL PRIMARY KEY,
    purpose TEXT      NOT NULL CHECK (purpose IN ('seal', 'find', 'session', 'sign')),
    since   TIMESTAMP NOT NULL
);

-- A scheme holds for those who enter grade 7 in its cohort and after, until the next one.
CREATE TABLE scheme (
    cohort       INTEGER   NOT NULL,
    version      INTEGER   NOT NULL,
    document     TEXT      NOT NULL,
    published_at TIMESTAMP NOT NULL,
    PRIMARY KEY (cohort, version)
);
