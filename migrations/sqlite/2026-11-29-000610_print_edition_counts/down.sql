-- The newest edition of each version is the one that is handed out.
CREATE TABLE portfolio_without_editions (
    school_id  INTEGER   NOT NULL,
    student_id UUID      NOT NULL REFERENCES student (id),
    version    INTEGER   NOT NULL,
    sealed_sha256 TEXT   NOT NULL,
    pdf_sha256 TEXT      NOT NULL,
    pages      INTEGER   NOT NULL,
    made_at    TIMESTAMP NOT NULL,
    credential_sha256 TEXT,
    edition    INTEGER   NOT NULL DEFAULT 1,
    PRIMARY KEY (school_id, student_id, version),
    FOREIGN KEY (school_id, sealed_sha256) REFERENCES sealed_file (school_id, sha256)
);
INSERT INTO portfolio_without_editions SELECT school_id, student_id, version, sealed_sha256, pdf_sha256, pages, made_at, credential_sha256, edition FROM portfolio AS newest
WHERE NOT EXISTS (SELECT 1 FROM portfolio AS other WHERE other.school_id = newest.school_id AND other.student_id = newest.student_id AND other.version = newest.version AND other.edition > newest.edition);
DROP TABLE portfolio;
ALTER TABLE portfolio_without_editions RENAME TO portfolio;
CREATE TRIGGER portfolio_no_update BEFORE UPDATE ON portfolio BEGIN SELECT RAISE(ABORT, 'portfolio is append-only'); END;
CREATE TRIGGER portfolio_no_delete BEFORE DELETE ON portfolio BEGIN SELECT RAISE(ABORT, 'portfolio is append-only'); END;
