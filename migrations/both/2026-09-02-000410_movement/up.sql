-- 异动: what happened to a pupil's place at this school, from which day on, why, and who
-- wrote it down. The stays in classes (enrolment) follow from it.
CREATE TABLE movement (
    school_id     INTEGER   NOT NULL REFERENCES school (id),
    id            UUID      NOT NULL,
    student_id    UUID      NOT NULL REFERENCES student (id),
    kind          TEXT      NOT NULL CHECK (kind IN ('enter', 'move_in', 'move_out', 'leave', 'come_back', 'change_class', 'change_name', 'number', 'withdraw', 'death')),
    effective_on  DATE      NOT NULL,
    reason        TEXT      NOT NULL CHECK (reason <> ''),
    from_class_id UUID,
    to_class_id   UUID,
    was           TEXT,
    became        TEXT,
    approval      TEXT      CHECK (approval <> ''),
    account_id    UUID      REFERENCES account (id),
    at            TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, from_class_id) REFERENCES class (school_id, id),
    FOREIGN KEY (school_id, to_class_id) REFERENCES class (school_id, id),
    CHECK ((kind = 'withdraw') = (approval IS NOT NULL))
);
CREATE INDEX movement_by_student ON movement (school_id, student_id);

-- The day on which the school that keeps the file let the pupil go: another may take it.
ALTER TABLE student ADD COLUMN released_on DATE;

-- A school opens a term once: posts carried forward, classes of the new 级 there.
CREATE TABLE term_opening (
    school_id  INTEGER   NOT NULL REFERENCES school (id),
    term       INTEGER   NOT NULL REFERENCES term (id),
    account_id UUID      REFERENCES account (id),
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (school_id, term)
);
