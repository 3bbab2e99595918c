-- Screening of uncorrected sight, once a term, in tenths of the five-mark record
-- (GB 11533: 5.0 is 50). Append-only: the highest revision stands; a check taken back
-- is a revision without eyes.
CREATE TABLE vision_check (
    school_id  INTEGER   NOT NULL,
    term       INTEGER   NOT NULL REFERENCES term (id),
    student_id UUID      NOT NULL REFERENCES student (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    left_eye   INTEGER   CHECK (left_eye BETWEEN 30 AND 53),
    right_eye  INTEGER   CHECK (right_eye BETWEEN 30 AND 53),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term, student_id, revision)
);
