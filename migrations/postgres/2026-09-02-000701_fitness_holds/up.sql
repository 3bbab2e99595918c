CREATE TRIGGER fitness_test_append_only BEFORE UPDATE OR DELETE ON fitness_test FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- A year's test ends with the seal of its second term (the term's number is the year and a 2).
CREATE FUNCTION refuse_after_year() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.year * 10 + 2)
    THEN RAISE EXCEPTION 'the term is sealed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fitness_test_sealed BEFORE INSERT ON fitness_test FOR EACH ROW EXECUTE FUNCTION refuse_after_year();
ALTER TABLE fitness_test ENABLE ROW LEVEL SECURITY;
ALTER TABLE fitness_test FORCE ROW LEVEL SECURITY;
CREATE POLICY fitness_test_of_one_school ON fitness_test USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
