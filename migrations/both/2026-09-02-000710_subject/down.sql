DROP TABLE subject_band;
