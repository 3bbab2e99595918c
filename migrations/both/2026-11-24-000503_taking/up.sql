-- A roster that was taken, and whom it brought or changed: what undoing it within the day
-- needs. What a pupil's file said before is sealed.
CREATE TABLE roster_taking (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    account_id UUID      REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    undone_at  TIMESTAMP,
    PRIMARY KEY (school_id, id)
);
CREATE TABLE roster_taken (
    school_id     INTEGER NOT NULL,
    taking_id     UUID    NOT NULL,
    student_id    UUID    NOT NULL,
    before_sealed BYTEA,
    PRIMARY KEY (school_id, taking_id, student_id),
    FOREIGN KEY (school_id, taking_id) REFERENCES roster_taking (school_id, id)
);
