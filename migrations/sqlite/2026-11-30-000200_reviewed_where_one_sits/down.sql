DROP TRIGGER graduation_reviewed;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
  AND NOT EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id AND a.domain = NEW.domain AND a.revision = NEW.revision - 1)
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
DROP TRIGGER graduation_word_reviewed;
CREATE TRIGGER graduation_word_reviewed BEFORE INSERT ON graduation_word
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
