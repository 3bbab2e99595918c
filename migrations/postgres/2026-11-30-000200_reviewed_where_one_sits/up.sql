-- What was reviewed is the class as it sat that day: who had left it before is not bound by
-- it, and is decided with the class that came after 休学.
CREATE OR REPLACE FUNCTION refuse_reviewed_graduation_band() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed'
      AND (e.left_on IS NULL OR e.left_on >= g.at::date))
  AND NOT EXISTS (SELECT 1 FROM graduation_again a WHERE a.school_id = NEW.school_id AND a.student_id = NEW.student_id AND a.domain = NEW.domain AND a.revision = NEW.revision - 1)
    THEN RAISE EXCEPTION 'the graduation is reviewed'; END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION refuse_reviewed_graduation() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed'
      AND (e.left_on IS NULL OR e.left_on >= g.at::date))
    THEN RAISE EXCEPTION 'the graduation is reviewed'; END IF;
    RETURN NEW;
END $$;
