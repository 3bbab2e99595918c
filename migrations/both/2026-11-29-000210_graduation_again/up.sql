-- An objection to a final band was upheld: the band of this revision is to be decided
-- again by the class committee, and until it is, that pupil's end is not sealed.
CREATE TABLE graduation_again (
    school_id    INTEGER NOT NULL,
    objection_id UUID    NOT NULL,
    student_id   UUID    NOT NULL REFERENCES student (id),
    domain       TEXT    NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    revision     INTEGER NOT NULL CHECK (revision > 0),
    PRIMARY KEY (school_id, objection_id),
    FOREIGN KEY (school_id, objection_id) REFERENCES objection (school_id, id)
);
CREATE INDEX graduation_again_by_student ON graduation_again (school_id, student_id);

-- What an upheld objection makes of one pupil's fact at the end of junior high: told
-- otherwise, told for the first time, or left out (no title). The sealed term stays as it is.
CREATE TABLE graduation_fact (
    school_id    INTEGER   NOT NULL,
    objection_id UUID      NOT NULL,
    student_id   UUID      NOT NULL REFERENCES student (id),
    activity_id  UUID,
    domain       TEXT      NOT NULL CHECK (domain IN ('moral', 'academic', 'physical', 'aesthetic', 'labour')),
    title        TEXT      CHECK (title <> ''),
    starts_on    DATE      NOT NULL,
    ends_on      DATE      NOT NULL CHECK (ends_on >= starts_on),
    part         TEXT      NOT NULL CHECK (part IN ('organiser', 'main', 'participant')),
    account_id   UUID      NOT NULL REFERENCES account (id),
    at           TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, objection_id),
    FOREIGN KEY (school_id, objection_id) REFERENCES objection (school_id, id),
    CHECK (title IS NOT NULL OR activity_id IS NOT NULL)
);
CREATE INDEX graduation_fact_by_student ON graduation_fact (school_id, student_id);

-- Photos that came with an objection, or with the step that took it further: for whoever
-- sent them and whoever answers. The files lie in the file store under their SHA-256.
CREATE TABLE objection_photo (
    school_id    INTEGER   NOT NULL,
    objection_id UUID      NOT NULL,
    ordinal      INTEGER   NOT NULL CHECK (ordinal > 0),
    step         INTEGER   NOT NULL CHECK (step > 0),
    sha256       TEXT      NOT NULL,
    thumb_sha256 TEXT      NOT NULL,
    bytes        INTEGER   NOT NULL CHECK (bytes > 0),
    width        INTEGER   NOT NULL CHECK (width > 0),
    height       INTEGER   NOT NULL CHECK (height > 0),
    at           TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, objection_id, ordinal),
    FOREIGN KEY (school_id, objection_id) REFERENCES objection (school_id, id)
);
CREATE INDEX objection_photo_by_file ON objection_photo (sha256);
CREATE INDEX objection_photo_by_thumb ON objection_photo (thumb_sha256);
