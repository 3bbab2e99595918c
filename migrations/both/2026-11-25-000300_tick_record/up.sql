-- The activity that a class's ticks feed: one a column, and one a level where a column
-- has levels. Append-only.
CREATE TABLE tick_activity (
    school_id   INTEGER   NOT NULL,
    class_id    UUID      NOT NULL,
    term        INTEGER   NOT NULL REFERENCES term (id),
    kind        TEXT      NOT NULL CHECK (kind IN ('experiment', 'book', 'sport', 'art', 'song')),
    item        TEXT      NOT NULL CHECK (item <> ''),
    level       TEXT      NOT NULL CHECK (level IN ('done', 'able', 'skilled')),
    activity_id UUID      NOT NULL,
    PRIMARY KEY (school_id, class_id, term, kind, item, level),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    FOREIGN KEY (school_id, activity_id) REFERENCES activity (school_id, id)
);
