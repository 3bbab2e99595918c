-- Who it went to or came from, in words; and where the closed package lies, so that the
-- office can take it, and print its slip, again.
ALTER TABLE handover ADD COLUMN peer TEXT;
ALTER TABLE handover ADD COLUMN file_sha256 TEXT;

-- What came of the end of junior high: the sealed file, the PDF and the credential.
CREATE TABLE handed_portfolio (
    school_id         INTEGER NOT NULL,
    student_id        UUID    NOT NULL REFERENCES student (id),
    version           INTEGER NOT NULL CHECK (version > 0),
    sealed_sha256     TEXT    NOT NULL,
    pdf_sha256        TEXT,
    credential_sha256 TEXT,
    handover_id       UUID    NOT NULL,
    PRIMARY KEY (school_id, student_id, version),
    FOREIGN KEY (school_id, sealed_sha256) REFERENCES sealed_file (school_id, sha256),
    FOREIGN KEY (school_id, handover_id) REFERENCES handover (school_id, id)
);
