-- Three more posts in a class: who organises, the committee, the doctor. SQLite cannot
-- change a CHECK; nothing refers to the table, so it is made anew under its name.
CREATE TABLE post_anew (
    school_id  INTEGER NOT NULL,
    id         UUID    NOT NULL,
    term       INTEGER NOT NULL REFERENCES term (id),
    class_id   UUID    NOT NULL,
    account_id UUID    NOT NULL REFERENCES account (id),
    role       TEXT    NOT NULL CHECK (role IN ('homeroom', 'deputy', 'subject', 'organiser', 'committee', 'health')),
    subject    TEXT,
    since      DATE    NOT NULL,
    until      DATE,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES class (school_id, id),
    CHECK ((role = 'subject') = (subject IS NOT NULL))
);
INSERT INTO post_anew SELECT school_id, id, term, class_id, account_id, role, subject, since, until FROM post;
DROP TABLE post;
ALTER TABLE post_anew RENAME TO post;
CREATE UNIQUE INDEX one_homeroom_at_a_time ON post (school_id, class_id, term) WHERE role = 'homeroom' AND until IS NULL;
CREATE INDEX post_by_account ON post (school_id, account_id);
