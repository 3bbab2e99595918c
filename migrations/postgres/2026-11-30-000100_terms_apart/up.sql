-- A later term lies after an earlier one, and a term that is there stays.
CREATE FUNCTION refuse_terms_that_overlap() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a term stays'; END IF;
    IF (TG_OP = 'UPDATE' AND NEW.id <> OLD.id)
        OR EXISTS (SELECT 1 FROM term WHERE (id < NEW.id AND ends_on >= NEW.starts_on) OR (id > NEW.id AND starts_on <= NEW.ends_on))
    THEN RAISE EXCEPTION 'terms overlap'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER term_apart BEFORE INSERT OR UPDATE OR DELETE ON term FOR EACH ROW EXECUTE FUNCTION refuse_terms_that_overlap();
