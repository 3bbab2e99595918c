ALTER TABLE objection DROP COLUMN part;
