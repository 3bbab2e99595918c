-- When a family takes back its consent to a photo in a kept print, that print is set aside,
-- and the next one of the same sealed file is another edition.
ALTER TABLE portfolio ADD COLUMN edition INTEGER NOT NULL DEFAULT 1;

-- Which print goes inside a package that left: it must not be handed out again when the print is set aside.
ALTER TABLE handover ADD COLUMN pdf_sha256 TEXT;
