-- After the seal nothing of that term moves; a seal needs a ground for every band that asks one.
CREATE FUNCTION refuse_after_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
    THEN RAISE EXCEPTION 'the term is sealed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER banding_sealed BEFORE INSERT ON banding FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
CREATE TRIGGER comment_sealed BEFORE INSERT ON comment FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
CREATE TRIGGER message_sealed BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
CREATE FUNCTION refuse_after_graduation() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND part = 'graduation')
    THEN RAISE EXCEPTION 'the term is sealed'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER graduation_sealed BEFORE INSERT ON graduation FOR EACH ROW EXECUTE FUNCTION refuse_after_graduation();
CREATE FUNCTION refuse_groundless_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM banding b
    WHERE b.school_id = NEW.school_id AND b.term = NEW.term AND b.student_id = NEW.student_id AND NEW.part = 'term'
      AND b.revision = (SELECT max(l.revision) FROM banding l WHERE l.school_id = b.school_id AND l.term = b.term AND l.student_id = b.student_id AND l.domain = b.domain)
      AND ((b.band IN ('excellent', 'developing') AND b.ground IS NULL) OR (b.band = 'developing' AND b.help IS NULL)))
    THEN RAISE EXCEPTION 'a band is without its ground'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_needs_grounds BEFORE INSERT ON seal FOR EACH ROW EXECUTE FUNCTION refuse_groundless_seal();
