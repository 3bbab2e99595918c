DROP TRIGGER comment_sealed;
CREATE TRIGGER comment_sealed BEFORE INSERT ON comment
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
DROP TRIGGER banding_sealed;
CREATE TRIGGER banding_sealed BEFORE INSERT ON banding
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
DROP TRIGGER correction_no_update;
DROP TRIGGER correction_no_delete;
DROP TRIGGER correction_ruling_no_update;
DROP TRIGGER correction_ruling_no_delete;
DROP TRIGGER correction_ruled_by_another;
DROP TRIGGER seal_needs_correction;
