CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER term_opening_append_only BEFORE UPDATE OR DELETE ON term_opening FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE movement ENABLE ROW LEVEL SECURITY;
ALTER TABLE movement FORCE ROW LEVEL SECURITY;
CREATE POLICY movement_of_one_school ON movement USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE term_opening ENABLE ROW LEVEL SECURITY;
ALTER TABLE term_opening FORCE ROW LEVEL SECURITY;
CREATE POLICY term_opening_of_one_school ON term_opening USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
