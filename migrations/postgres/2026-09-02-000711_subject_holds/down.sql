DROP POLICY subject_band_of_one_school ON subject_band;
ALTER TABLE subject_band NO FORCE ROW LEVEL SECURITY;
ALTER TABLE subject_band DISABLE ROW LEVEL SECURITY;
DROP TRIGGER subject_band_sealed ON subject_band;
DROP TRIGGER subject_band_append_only ON subject_band;
