-- What was chosen is never rewritten, and nothing is chosen after the seal.
CREATE TRIGGER selection_no_update BEFORE UPDATE ON selection BEGIN SELECT RAISE(ABORT, 'selection is append-only'); END;
CREATE TRIGGER selection_no_delete BEFORE DELETE ON selection BEGIN SELECT RAISE(ABORT, 'selection is append-only'); END;
CREATE TRIGGER selection_sealed BEFORE INSERT ON selection
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER selected_record_no_update BEFORE UPDATE ON selected_record BEGIN SELECT RAISE(ABORT, 'selected_record is append-only'); END;
CREATE TRIGGER selected_record_no_delete BEFORE DELETE ON selected_record BEGIN SELECT RAISE(ABORT, 'selected_record is append-only'); END;
CREATE TRIGGER selected_record_sealed BEFORE INSERT ON selected_record
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
