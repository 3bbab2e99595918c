CREATE TRIGGER subject_band_append_only BEFORE UPDATE OR DELETE ON subject_band FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER subject_band_sealed BEFORE INSERT ON subject_band FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
ALTER TABLE subject_band ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_band FORCE ROW LEVEL SECURITY;
CREATE POLICY subject_band_of_one_school ON subject_band USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
