DROP TABLE term_opening;
ALTER TABLE student DROP COLUMN released_on;
DROP TABLE movement;
