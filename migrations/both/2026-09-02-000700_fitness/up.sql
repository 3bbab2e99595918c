-- Raw measures in thousandths of their unit, as they were taken; what they come to by
-- the standard is worked out anew each time and stored nowhere. Append-only: the
-- newest revision of a sitting stands.
CREATE TABLE fitness_test (
    school_id      INTEGER   NOT NULL,
    student_id     UUID      NOT NULL REFERENCES student (id),
    year           INTEGER   NOT NULL,
    sitting        TEXT      NOT NULL CHECK (sitting IN ('first', 'makeup')),
    revision       INTEGER   NOT NULL CHECK (revision > 0),
    grade          INTEGER   NOT NULL CHECK (grade BETWEEN 1 AND 9),
    standard       TEXT      NOT NULL,
    exempt         BOOLEAN   NOT NULL,
    height_cm      INTEGER,
    weight_kg      INTEGER,
    vital_capacity INTEGER,
    run_50m        INTEGER,
    sit_and_reach  INTEGER,
    rope_skip_1min INTEGER,
    long_jump      INTEGER,
    pull_up        INTEGER,
    sit_up_1min    INTEGER,
    shuttle_50x8   INTEGER,
    run_1000m      INTEGER,
    run_800m       INTEGER,
    account_id     UUID      NOT NULL REFERENCES account (id),
    at             TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, year, sitting, revision)
);
