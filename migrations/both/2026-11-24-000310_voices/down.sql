ALTER TABLE subject_band DROP COLUMN line;
DROP TABLE help_outcome;
DROP TABLE indicator_band;
DROP TABLE guardian_view;
DROP TABLE peer_view;
DROP TABLE peer_pair;
DROP TABLE peer_draw;
DROP TABLE self_evaluation;
