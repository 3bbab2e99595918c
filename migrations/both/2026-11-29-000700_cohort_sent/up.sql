-- What left for another office: of which cohort, as what, with which columns, for whom.
-- The columns of the last time stand chosen the next time.
CREATE TABLE cohort_sent (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    cohort     INTEGER   NOT NULL,
    form       TEXT      NOT NULL CHECK (form IN ('xlsx', 'clr')),
    chosen     TEXT      NOT NULL,
    pupils     INTEGER   NOT NULL CHECK (pupils > 0),
    recipient  TEXT      NOT NULL CHECK (recipient <> ''),
    sha256     TEXT      NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    CHECK ((form = 'clr') = (chosen = ''))
);
CREATE INDEX cohort_sent_by_cohort ON cohort_sent (school_id, cohort, at);
