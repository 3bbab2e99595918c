-- What an objection brings at the end of junior high goes forward only; while one is open,
-- or a band is to be decided again, that pupil is not sealed.
CREATE TRIGGER graduation_again_append_only BEFORE UPDATE OR DELETE ON graduation_again FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE graduation_again ENABLE ROW LEVEL SECURITY;
ALTER TABLE graduation_again FORCE ROW LEVEL SECURITY;
CREATE POLICY graduation_again_of_one_school ON graduation_again USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER graduation_fact_append_only BEFORE UPDATE OR DELETE ON graduation_fact FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE graduation_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE graduation_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY graduation_fact_of_one_school ON graduation_fact USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER objection_photo_append_only BEFORE UPDATE OR DELETE ON objection_photo FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE objection_photo ENABLE ROW LEVEL SECURITY;
ALTER TABLE objection_photo FORCE ROW LEVEL SECURITY;
CREATE POLICY objection_photo_of_one_school ON objection_photo USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE FUNCTION refuse_graduation_again_upheld() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.id = NEW.objection_id AND o.student_id = NEW.student_id AND o.part = 'graduation' AND s.kind = 'upheld')
    THEN RAISE EXCEPTION 'no objection was upheld'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_again_upheld BEFORE INSERT ON graduation_again FOR EACH ROW EXECUTE FUNCTION refuse_graduation_again_upheld();
CREATE FUNCTION refuse_graduation_fact_upheld() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.id = NEW.objection_id AND o.student_id = NEW.student_id AND o.part = 'graduation' AND s.kind = 'upheld')
    THEN RAISE EXCEPTION 'no objection was upheld'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_fact_upheld BEFORE INSERT ON graduation_fact FOR EACH ROW EXECUTE FUNCTION refuse_graduation_fact_upheld();
CREATE FUNCTION refuse_graduation_fact_sealed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal x WHERE x.school_id = NEW.school_id AND x.student_id = NEW.student_id AND x.part = 'graduation')
    THEN RAISE EXCEPTION 'the graduation is sealed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_fact_sealed BEFORE INSERT ON graduation_fact FOR EACH ROW EXECUTE FUNCTION refuse_graduation_fact_sealed();
CREATE FUNCTION refuse_graduation_again_sealed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal x WHERE x.school_id = NEW.school_id AND x.student_id = NEW.student_id AND x.part = 'graduation')
    THEN RAISE EXCEPTION 'the graduation is sealed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_again_sealed BEFORE INSERT ON graduation_again FOR EACH ROW EXECUTE FUNCTION refuse_graduation_again_sealed();
CREATE FUNCTION refuse_seal_waits_for_objection() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.version = 1 AND EXISTS (SELECT 1 FROM objection o JOIN objection_step s ON s.school_id = o.school_id AND s.objection_id = o.id
    WHERE o.school_id = NEW.school_id AND o.student_id = NEW.student_id AND o.term = NEW.term AND o.part = NEW.part AND s.kind IN ('assigned', 'escalated')
      AND s.n = (SELECT max(l.n) FROM objection_step l WHERE l.school_id = s.school_id AND l.objection_id = s.objection_id))
    THEN RAISE EXCEPTION 'an objection is open'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_waits_for_objection BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_seal_waits_for_objection();
CREATE FUNCTION refuse_seal_waits_for_committee() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.version = 1 AND NEW.part = 'graduation' AND EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id
      AND NOT EXISTS (SELECT 1 FROM graduation g WHERE g.school_id = a.school_id AND g.student_id = a.student_id AND g.domain = a.domain AND g.revision > a.revision))
    THEN RAISE EXCEPTION 'a band is to be decided again'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_waits_for_committee BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_seal_waits_for_committee();
-- After the review only a band that an upheld objection names is decided, once.
CREATE FUNCTION refuse_reviewed_graduation_band() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
  AND NOT EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id AND a.domain = NEW.domain AND a.revision = NEW.revision - 1)
    THEN RAISE EXCEPTION 'the graduation is reviewed'; END IF;
    RETURN NEW;
END $$;
DROP TRIGGER graduation_reviewed ON graduation;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation FOR EACH ROW EXECUTE FUNCTION refuse_reviewed_graduation_band();
