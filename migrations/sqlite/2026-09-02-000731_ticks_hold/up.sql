CREATE TRIGGER tick_no_update BEFORE UPDATE ON tick BEGIN SELECT RAISE(ABORT, 'tick is append-only'); END;
CREATE TRIGGER tick_no_delete BEFORE DELETE ON tick BEGIN SELECT RAISE(ABORT, 'tick is append-only'); END;
CREATE TRIGGER tick_sealed BEFORE INSERT ON tick
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
