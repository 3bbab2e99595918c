ALTER TABLE session DROP COLUMN renewed_from;
