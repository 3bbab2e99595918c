CREATE TRIGGER subject_band_no_update BEFORE UPDATE ON subject_band BEGIN SELECT RAISE(ABORT, 'subject_band is append-only'); END;
CREATE TRIGGER subject_band_no_delete BEFORE DELETE ON subject_band BEGIN SELECT RAISE(ABORT, 'subject_band is append-only'); END;
CREATE TRIGGER subject_band_sealed BEFORE INSERT ON subject_band
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
