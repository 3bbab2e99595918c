ALTER TABLE handover DROP COLUMN pdf_sha256;
ALTER TABLE portfolio DROP COLUMN edition;
