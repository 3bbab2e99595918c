CREATE TRIGGER handover_append_only BEFORE UPDATE OR DELETE ON handover FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE handover ENABLE ROW LEVEL SECURITY;
ALTER TABLE handover FORCE ROW LEVEL SECURITY;
CREATE POLICY handover_of_one_school ON handover USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER handed_term_append_only BEFORE UPDATE OR DELETE ON handed_term FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE handed_term ENABLE ROW LEVEL SECURITY;
ALTER TABLE handed_term FORCE ROW LEVEL SECURITY;
CREATE POLICY handed_term_of_one_school ON handed_term USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
