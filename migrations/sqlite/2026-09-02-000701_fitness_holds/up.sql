CREATE TRIGGER fitness_test_no_update BEFORE UPDATE ON fitness_test BEGIN SELECT RAISE(ABORT, 'fitness_test is append-only'); END;
CREATE TRIGGER fitness_test_no_delete BEFORE DELETE ON fitness_test BEGIN SELECT RAISE(ABORT, 'fitness_test is append-only'); END;
-- A year's test ends with the seal of its second term (the term's number is the year and a 2).
CREATE TRIGGER fitness_test_sealed BEFORE INSERT ON fitness_test
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.year * 10 + 2)
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
