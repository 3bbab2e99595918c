-- A term is sealed only when its class was reviewed; a later version needs a correction instead.
CREATE TRIGGER seal_needs_review BEFORE INSERT ON seal
WHEN NEW.part = 'term' AND NEW.version = 1 AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = 'term' AND step = 'reviewed')
BEGIN SELECT RAISE(ABORT, 'the class is not reviewed'); END;
