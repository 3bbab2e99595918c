-- What anyone may type to ask whether a portfolio was issued.
CREATE TABLE verify_code (
    code       TEXT    NOT NULL PRIMARY KEY,
    school_id  INTEGER NOT NULL REFERENCES school (id),
    student_id UUID    NOT NULL REFERENCES student (id),
    version    INTEGER NOT NULL
);

-- A graduate's printed portfolio: made once from the sealed file, then kept.
CREATE TABLE portfolio (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    version    INTEGER   NOT NULL,
    sealed_sha256 TEXT   NOT NULL,
    pdf_sha256 TEXT      NOT NULL,
    pages      INTEGER   NOT NULL,
    made_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, version),
    FOREIGN KEY (school_id, sealed_sha256) REFERENCES sealed_file (school_id, sha256)
);

-- Long work as rows: a run for a cohort, an item for each pupil. Printing an item twice
-- gives the same file, so a worker that died leaves nothing to clean up.
CREATE TABLE print_run (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    id         UUID      NOT NULL,
    cohort     INTEGER   NOT NULL,
    account_id UUID      NOT NULL REFERENCES account (id),
    asked_at   TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    PRIMARY KEY (school_id, id)
);
CREATE INDEX print_run_unfinished ON print_run (school_id) WHERE finished_at IS NULL;

CREATE TABLE print_item (
    school_id  INTEGER NOT NULL,
    run_id     UUID    NOT NULL,
    student_id UUID    NOT NULL REFERENCES student (id),
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    reason     TEXT,
    PRIMARY KEY (school_id, run_id, student_id),
    FOREIGN KEY (school_id, run_id) REFERENCES print_run (school_id, id)
);
