CREATE TRIGGER tick_activity_append_only BEFORE UPDATE OR DELETE ON tick_activity FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE tick_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE tick_activity FORCE ROW LEVEL SECURITY;
CREATE POLICY tick_activity_of_one_school ON tick_activity USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
