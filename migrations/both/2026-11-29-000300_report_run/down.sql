ALTER TABLE print_item DROP COLUMN pages;
ALTER TABLE print_item DROP COLUMN pdf_sha256;
ALTER TABLE print_run DROP COLUMN term;
ALTER TABLE print_run DROP COLUMN class_id;
