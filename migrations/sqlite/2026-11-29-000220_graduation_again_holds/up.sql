-- What an objection brings at the end of junior high goes forward only; while one is open,
-- or a band is to be decided again, that pupil is not sealed.
CREATE TRIGGER graduation_again_no_update BEFORE UPDATE ON graduation_again BEGIN SELECT RAISE(ABORT, 'graduation_again is append-only'); END;
CREATE TRIGGER graduation_again_no_delete BEFORE DELETE ON graduation_again BEGIN SELECT RAISE(ABORT, 'graduation_again is append-only'); END;
CREATE TRIGGER graduation_fact_no_update BEFORE UPDATE ON graduation_fact BEGIN SELECT RAISE(ABORT, 'graduation_fact is append-only'); END;
CREATE TRIGGER graduation_fact_no_delete BEFORE DELETE ON graduation_fact BEGIN SELECT RAISE(ABORT, 'graduation_fact is append-only'); END;
CREATE TRIGGER objection_photo_no_update BEFORE UPDATE ON objection_photo BEGIN SELECT RAISE(ABORT, 'objection_photo is append-only'); END;
CREATE TRIGGER objection_photo_no_delete BEFORE DELETE ON objection_photo BEGIN SELECT RAISE(ABORT, 'objection_photo is append-only'); END;
CREATE TRIGGER graduation_again_upheld BEFORE INSERT ON graduation_again
WHEN NOT EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.id = NEW.objection_id AND o.student_id = NEW.student_id AND o.part = 'graduation' AND s.kind = 'upheld')
BEGIN SELECT RAISE(ABORT, 'no objection was upheld'); END;
CREATE TRIGGER graduation_fact_upheld BEFORE INSERT ON graduation_fact
WHEN NOT EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.id = NEW.objection_id AND o.student_id = NEW.student_id AND o.part = 'graduation' AND s.kind = 'upheld')
BEGIN SELECT RAISE(ABORT, 'no objection was upheld'); END;
CREATE TRIGGER graduation_fact_sealed BEFORE INSERT ON graduation_fact
WHEN EXISTS (SELECT 1 FROM seal x WHERE x.school_id = NEW.school_id AND x.student_id = NEW.student_id AND x.part = 'graduation')
BEGIN SELECT RAISE(ABORT, 'the graduation is sealed'); END;
CREATE TRIGGER graduation_again_sealed BEFORE INSERT ON graduation_again
WHEN EXISTS (SELECT 1 FROM seal x WHERE x.school_id = NEW.school_id AND x.student_id = NEW.student_id AND x.part = 'graduation')
BEGIN SELECT RAISE(ABORT, 'the graduation is sealed'); END;
CREATE TRIGGER seal_waits_for_objection BEFORE INSERT ON seal
WHEN NEW.version = 1 AND EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.student_id = NEW.student_id AND o.term = NEW.term AND o.part = NEW.part AND s.kind IN ('assigned', 'escalated')
      AND s.n = (SELECT max(l.n) FROM objection_step l WHERE l.school_id = s.school_id AND l.objection_id = s.objection_id))
BEGIN SELECT RAISE(ABORT, 'an objection is open'); END;
CREATE TRIGGER seal_waits_for_committee BEFORE INSERT ON seal
WHEN NEW.version = 1 AND NEW.part = 'graduation' AND EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id
      AND NOT EXISTS (SELECT 1 FROM graduation g WHERE g.school_id = a.school_id AND g.student_id = a.student_id AND g.domain = a.domain AND g.revision > a.revision))
BEGIN SELECT RAISE(ABORT, 'a band is to be decided again'); END;
-- After the review only a band that an upheld objection names is decided, once.
DROP TRIGGER graduation_reviewed;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
  AND NOT EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id AND a.domain = NEW.domain AND a.revision = NEW.revision - 1)
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
