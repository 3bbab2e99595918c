-- What was chosen is never rewritten, and nothing is chosen after the seal.
CREATE TRIGGER selection_append_only BEFORE UPDATE OR DELETE ON selection FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER selection_sealed BEFORE INSERT ON selection FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
ALTER TABLE selection ENABLE ROW LEVEL SECURITY;
ALTER TABLE selection FORCE ROW LEVEL SECURITY;
CREATE POLICY selection_of_one_school ON selection USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER selected_record_append_only BEFORE UPDATE OR DELETE ON selected_record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER selected_record_sealed BEFORE INSERT ON selected_record FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
ALTER TABLE selected_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE selected_record FORCE ROW LEVEL SECURITY;
CREATE POLICY selected_record_of_one_school ON selected_record USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
