-- A run prints the portfolios of a cohort or, with a class and a term, the term reports
-- of that class. What it printed of a report is kept with its item, for a report is
-- printed anew when its term was changed or sealed; a portfolio has a row of its own.
ALTER TABLE print_run ADD COLUMN class_id UUID;
ALTER TABLE print_run ADD COLUMN term INTEGER REFERENCES term (id) CHECK ((term IS NULL) = (class_id IS NULL));
ALTER TABLE print_item ADD COLUMN pdf_sha256 TEXT;
ALTER TABLE print_item ADD COLUMN pages INTEGER CHECK ((pages IS NULL) = (pdf_sha256 IS NULL));
