CREATE TRIGGER vision_check_no_update BEFORE UPDATE ON vision_check BEGIN SELECT RAISE(ABORT, 'vision_check is append-only'); END;
CREATE TRIGGER vision_check_no_delete BEFORE DELETE ON vision_check BEGIN SELECT RAISE(ABORT, 'vision_check is append-only'); END;
CREATE TRIGGER vision_check_sealed BEFORE INSERT ON vision_check
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
