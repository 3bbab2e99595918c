DROP TRIGGER subject_band_sealed;
DROP TRIGGER subject_band_no_update;
DROP TRIGGER subject_band_no_delete;
