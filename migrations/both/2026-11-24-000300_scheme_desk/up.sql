-- A published version stands for ever; it says why, and who published it.
ALTER TABLE scheme ADD COLUMN reason TEXT;
ALTER TABLE scheme ADD COLUMN account_id UUID;

-- What the county is still writing: one draft for each scheme, on the version it began from.
CREATE TABLE scheme_draft (
    cohort       INTEGER   NOT NULL PRIMARY KEY,
    base_version INTEGER   NOT NULL,
    document     TEXT      NOT NULL,
    account_id   UUID      NOT NULL REFERENCES account (id),
    saved_at     TIMESTAMP NOT NULL
);

-- 时间窗: when a stage of a term is open. The highest revision stands; without dates it
-- is open all term.
CREATE TABLE stage_window (
    term       INTEGER   NOT NULL REFERENCES term (id),
    step       TEXT      NOT NULL CHECK (step IN ('record', 'self', 'peer', 'guardian', 'subject', 'homeroom', 'selection', 'notice', 'seal')),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    opens_on   DATE,
    closes_on  DATE,
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    CHECK (opens_on <= closes_on),
    PRIMARY KEY (term, step, revision)
);

-- One school gets longer, and why. The county's row, not the school's.
CREATE TABLE window_extension (
    term       INTEGER   NOT NULL REFERENCES term (id),
    step       TEXT      NOT NULL CHECK (step IN ('record', 'self', 'peer', 'guardian', 'subject', 'homeroom', 'selection', 'notice', 'seal')),
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    revision   INTEGER   NOT NULL CHECK (revision > 0),
    closes_on  DATE      NOT NULL,
    reason     TEXT      NOT NULL CHECK (reason <> ''),
    account_id UUID      NOT NULL REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (term, step, school_id, revision)
);
