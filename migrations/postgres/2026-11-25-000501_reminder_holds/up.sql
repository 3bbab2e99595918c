-- Who was reminded of what is never rewritten.
CREATE TRIGGER reminder_append_only BEFORE UPDATE OR DELETE ON reminder FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder FORCE ROW LEVEL SECURITY;
CREATE POLICY reminder_of_one_school ON reminder USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
