-- Whom a case lets see what is never rewritten; it can only be ended, once.
CREATE FUNCTION refuse_changed_case() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.student_id <> NEW.student_id OR OLD.term <> NEW.term
        OR OLD.objection_id IS DISTINCT FROM NEW.objection_id OR OLD.account_id <> NEW.account_id OR OLD.reason <> NEW.reason
        OR OLD.opened_by IS DISTINCT FROM NEW.opened_by OR OLD.opened_at <> NEW.opened_at OR OLD.expires_at <> NEW.expires_at
    THEN RAISE EXCEPTION 'case_view can only be ended'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_view_ends_once BEFORE UPDATE ON case_view FOR EACH ROW EXECUTE FUNCTION refuse_changed_case();
CREATE TRIGGER case_view_no_delete BEFORE DELETE ON case_view FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE case_view ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_view FORCE ROW LEVEL SECURITY;
CREATE POLICY case_view_of_one_school ON case_view USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
