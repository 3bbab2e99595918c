-- A correction stands as it was asked; a new version of a term needs one that two others approved.
CREATE TRIGGER correction_append_only BEFORE UPDATE OR DELETE ON correction FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE correction FORCE ROW LEVEL SECURITY;
CREATE POLICY correction_of_one_school ON correction USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER correction_ruling_append_only BEFORE UPDATE OR DELETE ON correction_ruling FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE correction_ruling ENABLE ROW LEVEL SECURITY;
ALTER TABLE correction_ruling FORCE ROW LEVEL SECURITY;
CREATE POLICY correction_ruling_of_one_school ON correction_ruling USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE FUNCTION refuse_correction_ruled_by_another() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM correction WHERE school_id = NEW.school_id AND id = NEW.correction_id AND account_id = NEW.account_id)
    THEN RAISE EXCEPTION 'whoever asked does not rule'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER correction_ruled_by_another BEFORE INSERT ON correction_ruling FOR EACH ROW EXECUTE FUNCTION refuse_correction_ruled_by_another();
CREATE FUNCTION refuse_seal_needs_correction() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.part = 'term' AND NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.school_id = NEW.school_id AND c.student_id = NEW.student_id AND c.term = NEW.term AND c.version = NEW.version - 1
    AND 2 <= (SELECT count(*) FROM correction_ruling r WHERE r.school_id = c.school_id AND r.correction_id = c.id AND r.approves))
    THEN RAISE EXCEPTION 'a later version needs a correction that two approved'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_needs_correction BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_seal_needs_correction();

-- What the second approval seals anew stands in the tables as well, and nothing else does.
CREATE FUNCTION refuse_after_seal_but_corrected() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
  AND NOT EXISTS (SELECT 1 FROM correction c JOIN correction_ruling r ON r.school_id = c.school_id AND r.correction_id = c.id
    WHERE c.school_id = NEW.school_id AND c.student_id = NEW.student_id AND c.term = NEW.term AND r.approves AND r.at = NEW.at
      AND 2 = (SELECT count(*) FROM correction_ruling a WHERE a.school_id = c.school_id AND a.correction_id = c.id AND a.approves))
    THEN RAISE EXCEPTION 'the term is sealed'; END IF;
    RETURN NEW;
END $$;
DROP TRIGGER banding_sealed ON banding;
CREATE TRIGGER banding_sealed BEFORE INSERT ON banding FOR EACH ROW EXECUTE FUNCTION refuse_after_seal_but_corrected();
DROP TRIGGER comment_sealed ON comment;
CREATE TRIGGER comment_sealed BEFORE INSERT ON comment FOR EACH ROW EXECUTE FUNCTION refuse_after_seal_but_corrected();
