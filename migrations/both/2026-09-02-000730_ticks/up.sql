-- What a class has done in a term, in one grid a kind. Append-only: the highest
-- revision of a cell stands; one taken back is a revision without level.
CREATE TABLE tick (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    kind       TEXT      NOT NULL CHECK (kind IN ('experiment', 'book', 'sport', 'art', 'song')),
    item       TEXT      NOT NULL CHECK (item <> ''),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    level      TEXT      CHECK (level IN ('done', 'learning', 'able', 'skilled')),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, kind, item, revision)
);
