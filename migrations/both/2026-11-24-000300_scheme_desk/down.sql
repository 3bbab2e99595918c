DROP TABLE window_extension;
DROP TABLE stage_window;
DROP TABLE scheme_draft;
ALTER TABLE scheme DROP COLUMN account_id;
ALTER TABLE scheme DROP COLUMN reason;
