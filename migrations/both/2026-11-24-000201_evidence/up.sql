-- Photos 佐证 of an activity, by the SHA-256 of what the file store keeps. A row goes
-- only when its photo goes: taken back by who sent it, or consent withdrawn.
CREATE TABLE evidence (
    school_id     INTEGER   NOT NULL,
    activity_id   UUID      NOT NULL,
    ordinal       INTEGER   NOT NULL CHECK (ordinal > 0),
    sha256        TEXT      NOT NULL,
    thumb_sha256  TEXT      NOT NULL,
    bytes         INTEGER   NOT NULL CHECK (bytes > 0),
    width         INTEGER   NOT NULL CHECK (width > 0),
    height        INTEGER   NOT NULL CHECK (height > 0),
    -- What it looks like, to find the same photo elsewhere.
    looks         BYTEA     NOT NULL,
    -- Another activity with a photo that looked the same when this one came.
    like_activity UUID,
    account_id    UUID      NOT NULL REFERENCES account (id),
    role          TEXT      NOT NULL,
    at            TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, activity_id, ordinal),
    FOREIGN KEY (school_id, activity_id) REFERENCES activity (school_id, id)
);
CREATE UNIQUE INDEX evidence_once ON evidence (school_id, activity_id, sha256);
CREATE INDEX evidence_by_file ON evidence (sha256);
CREATE INDEX evidence_by_thumb ON evidence (thumb_sha256);

-- Files of photos that perhaps no row holds: written before a photo is kept, and when
-- a row goes. What is in nobody's hands for a while is deleted.
CREATE TABLE loose_photo (
    sha256 TEXT      NOT NULL PRIMARY KEY,
    since  TIMESTAMP NOT NULL,
    -- The file is being deleted, or is gone.
    going  BOOLEAN   NOT NULL
);
