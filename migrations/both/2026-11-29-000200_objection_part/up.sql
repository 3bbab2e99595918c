-- An objection is of a term, or of the end of junior high.
ALTER TABLE objection ADD COLUMN part TEXT NOT NULL DEFAULT 'term' CHECK (part IN ('term', 'graduation'));
