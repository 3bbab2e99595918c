-- What was said to a family, and where a messenger was, is never rewritten.
CREATE TRIGGER letter_append_only BEFORE UPDATE OR DELETE ON letter FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
CREATE POLICY letter_of_one_school ON letter USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER webhook_append_only BEFORE UPDATE OR DELETE ON webhook FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_of_one_school ON webhook USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE webhook_try ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_try FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_try_of_one_school ON webhook_try USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
