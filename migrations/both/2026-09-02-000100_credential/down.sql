DROP TABLE withdrawal;
ALTER TABLE portfolio DROP COLUMN credential_sha256;
ALTER TABLE county DROP COLUMN code;
