-- What the office has reviewed stands; a graduate's file is sealed when it was reviewed and ticked, by another than decided it.
CREATE TRIGGER graduation_word_no_update BEFORE UPDATE ON graduation_word BEGIN SELECT RAISE(ABORT, 'graduation_word is append-only'); END;
CREATE TRIGGER graduation_word_no_delete BEFORE DELETE ON graduation_word BEGIN SELECT RAISE(ABORT, 'graduation_word is append-only'); END;
CREATE TRIGGER graduation_tick_no_update BEFORE UPDATE ON graduation_tick BEGIN SELECT RAISE(ABORT, 'graduation_tick is append-only'); END;
CREATE TRIGGER graduation_tick_no_delete BEFORE DELETE ON graduation_tick BEGIN SELECT RAISE(ABORT, 'graduation_tick is append-only'); END;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
CREATE TRIGGER graduation_word_reviewed BEFORE INSERT ON graduation_word
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
CREATE TRIGGER graduation_ticked_by_another BEFORE INSERT ON graduation_tick
WHEN EXISTS (SELECT 1 FROM graduation d WHERE d.school_id = NEW.school_id AND d.student_id = NEW.student_id AND d.account_id = NEW.account_id)
BEGIN SELECT RAISE(ABORT, 'whoever decided does not tick'); END;
CREATE TRIGGER seal_needs_graduation_review BEFORE INSERT ON seal
WHEN NEW.part = 'graduation' AND NEW.version = 1 AND NOT (EXISTS (SELECT 1 FROM stage_signature g WHERE g.school_id = NEW.school_id AND g.class_id = NEW.class_id AND g.term = NEW.term AND g.part = 'graduation' AND g.step = 'reviewed')
    AND EXISTS (SELECT 1 FROM graduation_tick t WHERE t.school_id = NEW.school_id AND t.student_id = NEW.student_id))
BEGIN SELECT RAISE(ABORT, 'the graduation is not reviewed'); END;
