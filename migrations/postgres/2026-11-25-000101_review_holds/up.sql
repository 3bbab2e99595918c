-- A term is sealed only when its class was reviewed; a later version needs a correction instead.
CREATE FUNCTION refuse_unreviewed_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.part = 'term' AND NEW.version = 1 AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = 'term' AND step = 'reviewed')
    THEN RAISE EXCEPTION 'the class is not reviewed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_needs_review BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_unreviewed_seal();
