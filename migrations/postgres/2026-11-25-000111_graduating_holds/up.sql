-- What the office has reviewed stands; a graduate's file is sealed when it was reviewed and ticked, by another than decided it.
CREATE TRIGGER graduation_word_append_only BEFORE UPDATE OR DELETE ON graduation_word FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER graduation_tick_append_only BEFORE UPDATE OR DELETE ON graduation_tick FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_reviewed_graduation() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
    THEN RAISE EXCEPTION 'the graduation is reviewed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation FOR EACH ROW EXECUTE FUNCTION refuse_reviewed_graduation();
CREATE TRIGGER graduation_word_reviewed BEFORE INSERT ON graduation_word FOR EACH ROW EXECUTE FUNCTION refuse_reviewed_graduation();
CREATE FUNCTION refuse_own_graduation_tick() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM graduation d WHERE d.school_id = NEW.school_id AND d.student_id = NEW.student_id AND d.account_id = NEW.account_id)
    THEN RAISE EXCEPTION 'whoever decided does not tick'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_ticked_by_another BEFORE INSERT ON graduation_tick FOR EACH ROW EXECUTE FUNCTION refuse_own_graduation_tick();
CREATE FUNCTION refuse_unreviewed_graduation() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.part = 'graduation' AND NEW.version = 1 AND NOT (EXISTS (SELECT 1 FROM stage_signature g WHERE g.school_id = NEW.school_id AND g.class_id = NEW.class_id AND g.term = NEW.term AND g.part = 'graduation' AND g.step = 'reviewed')
    AND EXISTS (SELECT 1 FROM graduation_tick t WHERE t.school_id = NEW.school_id AND t.student_id = NEW.student_id))
    THEN RAISE EXCEPTION 'the graduation is not reviewed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_needs_graduation_review BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_unreviewed_graduation();
ALTER TABLE graduation_word ENABLE ROW LEVEL SECURITY;
ALTER TABLE graduation_word FORCE ROW LEVEL SECURITY;
CREATE POLICY graduation_word_of_one_school ON graduation_word USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE graduation_tick ENABLE ROW LEVEL SECURITY;
ALTER TABLE graduation_tick FORCE ROW LEVEL SECURITY;
CREATE POLICY graduation_tick_of_one_school ON graduation_tick USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
