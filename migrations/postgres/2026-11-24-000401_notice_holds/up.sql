-- The cycle goes forward only: a stage is a row, and a row is never taken back.
CREATE TRIGGER objection_append_only BEFORE UPDATE OR DELETE ON objection FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER objection_step_append_only BEFORE UPDATE OR DELETE ON objection_step FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notice_append_only BEFORE UPDATE OR DELETE ON notice FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stage_signature_append_only BEFORE UPDATE OR DELETE ON stage_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- No stage is skipped.
CREATE FUNCTION refuse_notice_needs_signature() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.round = 1 AND NEW.part = 'term' AND NOT EXISTS (SELECT 1 FROM signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term)
    THEN RAISE EXCEPTION 'the class is not signed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_needs_signature BEFORE INSERT ON notice FOR EACH ROW EXECUTE FUNCTION refuse_notice_needs_signature();
CREATE FUNCTION refuse_check_needs_notice() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM notice WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = NEW.part AND round = 1)
    THEN RAISE EXCEPTION 'the class had no notice'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_needs_notice BEFORE INSERT ON stage_signature FOR EACH ROW EXECUTE FUNCTION refuse_check_needs_notice();
CREATE FUNCTION refuse_review_needs_check() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.step = 'reviewed' AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = NEW.part AND step = 'checked')
    THEN RAISE EXCEPTION 'the class is not checked'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_needs_check BEFORE INSERT ON stage_signature FOR EACH ROW EXECUTE FUNCTION refuse_review_needs_check();
CREATE FUNCTION refuse_objection_step_ended() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM objection_step WHERE school_id = NEW.school_id AND objection_id = NEW.objection_id AND kind IN ('upheld', 'withdrawn'))
    THEN RAISE EXCEPTION 'the objection is over'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER objection_step_ended BEFORE INSERT ON objection_step FOR EACH ROW EXECUTE FUNCTION refuse_objection_step_ended();
ALTER TABLE objection ENABLE ROW LEVEL SECURITY;
ALTER TABLE objection FORCE ROW LEVEL SECURITY;
CREATE POLICY objection_of_one_school ON objection USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE objection_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE objection_step FORCE ROW LEVEL SECURITY;
CREATE POLICY objection_step_of_one_school ON objection_step USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_of_one_school ON notice USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE stage_signature ENABLE ROW LEVEL SECURITY;
ALTER TABLE stage_signature FORCE ROW LEVEL SECURITY;
CREATE POLICY stage_signature_of_one_school ON stage_signature USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
