CREATE TRIGGER activity_no_update BEFORE UPDATE ON activity BEGIN SELECT RAISE(ABORT, 'activity is append-only'); END;
CREATE TRIGGER activity_no_delete BEFORE DELETE ON activity BEGIN SELECT RAISE(ABORT, 'activity is append-only'); END;
CREATE TRIGGER telling_no_update BEFORE UPDATE ON telling BEGIN SELECT RAISE(ABORT, 'telling is append-only'); END;
CREATE TRIGGER telling_no_delete BEFORE DELETE ON telling BEGIN SELECT RAISE(ABORT, 'telling is append-only'); END;
CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_sealed BEFORE INSERT ON record
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER roll_call_no_update BEFORE UPDATE ON roll_call BEGIN SELECT RAISE(ABORT, 'roll_call is append-only'); END;
CREATE TRIGGER roll_call_no_delete BEFORE DELETE ON roll_call BEGIN SELECT RAISE(ABORT, 'roll_call is append-only'); END;
CREATE TRIGGER absence_no_update BEFORE UPDATE ON absence BEGIN SELECT RAISE(ABORT, 'absence is append-only'); END;
CREATE TRIGGER absence_no_delete BEFORE DELETE ON absence BEGIN SELECT RAISE(ABORT, 'absence is append-only'); END;
CREATE TRIGGER telling_sealed BEFORE INSERT ON telling
WHEN EXISTS (SELECT 1 FROM record JOIN seal ON seal.school_id = record.school_id AND seal.student_id = record.student_id AND seal.term = record.term AND seal.part = 'term'
    WHERE record.school_id = NEW.school_id AND record.activity_id = NEW.activity_id)
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
