-- A term before this platform has no stages: it is sealed as it was entered, and stands then.
CREATE TRIGGER paper_term_no_update BEFORE UPDATE ON paper_term BEGIN SELECT RAISE(ABORT, 'paper_term is append-only'); END;
CREATE TRIGGER paper_term_no_delete BEFORE DELETE ON paper_term BEGIN SELECT RAISE(ABORT, 'paper_term is append-only'); END;
CREATE TRIGGER paper_term_sealed BEFORE INSERT ON paper_term
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
DROP TRIGGER seal_needs_review;
CREATE TRIGGER seal_needs_review BEFORE INSERT ON seal
WHEN NEW.part = 'term' AND NEW.version = 1 AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = 'term' AND step = 'reviewed')
  AND NOT EXISTS (SELECT 1 FROM paper_term p JOIN school s ON s.id = p.school_id JOIN term t ON t.id = p.term WHERE p.school_id = NEW.school_id AND p.student_id = NEW.student_id AND p.term = NEW.term AND t.ends_on < s.joined_at)
BEGIN SELECT RAISE(ABORT, 'the class is not reviewed'); END;
