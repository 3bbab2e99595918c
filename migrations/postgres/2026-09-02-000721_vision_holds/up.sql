CREATE TRIGGER vision_check_append_only BEFORE UPDATE OR DELETE ON vision_check FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER vision_check_sealed BEFORE INSERT ON vision_check FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
ALTER TABLE vision_check ENABLE ROW LEVEL SECURITY;
ALTER TABLE vision_check FORCE ROW LEVEL SECURITY;
CREATE POLICY vision_check_of_one_school ON vision_check USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
