DROP TABLE handed_portfolio;
ALTER TABLE handover DROP COLUMN file_sha256;
ALTER TABLE handover DROP COLUMN peer;
