-- The photos in a kept print, by the SHA-256 its sealed file names them with.
CREATE TABLE portfolio_photo (
    school_id  INTEGER NOT NULL,
    student_id UUID    NOT NULL,
    version    INTEGER NOT NULL,
    edition    INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    PRIMARY KEY (school_id, student_id, version, edition, sha256),
    FOREIGN KEY (school_id, student_id, version, edition) REFERENCES portfolio (school_id, student_id, version, edition)
);
CREATE INDEX portfolio_photo_by_file ON portfolio_photo (school_id, sha256);

-- A print that is no longer handed out, and for which of its photos: a family took its consent
-- back, a child in it has no guardian any more who consents, or the photo itself is gone.
CREATE TABLE portfolio_aside (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL,
    version    INTEGER   NOT NULL,
    edition    INTEGER   NOT NULL,
    sha256     TEXT      NOT NULL,
    why        TEXT      NOT NULL CHECK (why IN ('withdrawn', 'unbound', 'gone')),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, student_id, version, edition, sha256),
    FOREIGN KEY (school_id, student_id, version, edition, sha256) REFERENCES portfolio_photo (school_id, student_id, version, edition, sha256)
);

-- Files that no school of the county hands out any more, and that leave the file store: prints
-- that were set aside, and packages with one inside. The same bytes may lie in two schools.
CREATE TABLE withdrawn_file (
    sha256 TEXT      NOT NULL PRIMARY KEY,
    since  TIMESTAMP NOT NULL,
    -- It has left the file store.
    gone   BOOLEAN   NOT NULL
);
CREATE INDEX withdrawn_file_there ON withdrawn_file (sha256) WHERE NOT gone;
