-- A term before this platform has no stages: it is sealed as it was entered, and stands then.
CREATE TRIGGER paper_term_append_only BEFORE UPDATE OR DELETE ON paper_term FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER paper_term_sealed BEFORE INSERT ON paper_term FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
CREATE OR REPLACE FUNCTION refuse_unreviewed_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.part = 'term' AND NEW.version = 1 AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = 'term' AND step = 'reviewed')
  AND NOT EXISTS (SELECT 1 FROM paper_term p JOIN school s ON s.id = p.school_id JOIN term t ON t.id = p.term WHERE p.school_id = NEW.school_id AND p.student_id = NEW.student_id AND p.term = NEW.term AND t.ends_on < s.joined_at)
    THEN RAISE EXCEPTION 'the class is not reviewed'; END IF;
    RETURN NEW;
END $$;
ALTER TABLE paper_term ENABLE ROW LEVEL SECURITY;
ALTER TABLE paper_term FORCE ROW LEVEL SECURITY;
CREATE POLICY paper_term_of_one_school ON paper_term USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
