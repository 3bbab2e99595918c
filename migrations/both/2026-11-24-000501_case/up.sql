-- 个案查看: a named person may see one term of one child, for a reason, until a day.
-- `objection_id` says whose answering it serves; `opened_by` is the viewer's own account
-- where someone of the staff looks beyond their posts.
CREATE TABLE case_view (
    school_id    INTEGER   NOT NULL REFERENCES school (id),
    id           UUID      NOT NULL,
    student_id   UUID      NOT NULL REFERENCES student (id),
    term         INTEGER   NOT NULL REFERENCES term (id),
    objection_id UUID,
    account_id   UUID      NOT NULL REFERENCES account (id),
    reason       TEXT      NOT NULL CHECK (reason <> ''),
    opened_by    UUID      REFERENCES account (id),
    opened_at    TIMESTAMP NOT NULL,
    expires_at   TIMESTAMP NOT NULL,
    ended_at     TIMESTAMP,
    PRIMARY KEY (school_id, id),
    CHECK (opened_at < expires_at)
);
CREATE INDEX case_view_by_account ON case_view (account_id);
CREATE INDEX case_view_by_student ON case_view (school_id, student_id);
