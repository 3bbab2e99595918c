-- A later term lies after an earlier one, and a term that is there stays.
CREATE TRIGGER term_apart_new BEFORE INSERT ON term
WHEN EXISTS (SELECT 1 FROM term WHERE (id < NEW.id AND ends_on >= NEW.starts_on) OR (id > NEW.id AND starts_on <= NEW.ends_on))
BEGIN SELECT RAISE(ABORT, 'terms overlap'); END;
CREATE TRIGGER term_apart_moved BEFORE UPDATE ON term
WHEN NEW.id <> OLD.id OR EXISTS (SELECT 1 FROM term WHERE (id < NEW.id AND ends_on >= NEW.starts_on) OR (id > NEW.id AND starts_on <= NEW.ends_on))
BEGIN SELECT RAISE(ABORT, 'terms overlap'); END;
CREATE TRIGGER term_no_delete BEFORE DELETE ON term BEGIN SELECT RAISE(ABORT, 'a term stays'); END;
