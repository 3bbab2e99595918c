-- Whom a case lets see what is never rewritten; it can only be ended, once.
CREATE TRIGGER case_view_ends_once BEFORE UPDATE ON case_view
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR OLD.student_id <> NEW.student_id OR OLD.term <> NEW.term
    OR OLD.objection_id IS NOT NEW.objection_id OR OLD.account_id <> NEW.account_id OR OLD.reason <> NEW.reason
    OR OLD.opened_by IS NOT NEW.opened_by OR OLD.opened_at <> NEW.opened_at OR OLD.expires_at <> NEW.expires_at
BEGIN SELECT RAISE(ABORT, 'case_view can only be ended'); END;
CREATE TRIGGER case_view_no_delete BEFORE DELETE ON case_view BEGIN SELECT RAISE(ABORT, 'case_view is append-only'); END;
