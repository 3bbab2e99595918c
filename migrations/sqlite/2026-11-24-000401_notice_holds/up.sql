-- The cycle goes forward only: a stage is a row, and a row is never taken back.
CREATE TRIGGER objection_no_update BEFORE UPDATE ON objection BEGIN SELECT RAISE(ABORT, 'objection is append-only'); END;
CREATE TRIGGER objection_no_delete BEFORE DELETE ON objection BEGIN SELECT RAISE(ABORT, 'objection is append-only'); END;
CREATE TRIGGER objection_step_no_update BEFORE UPDATE ON objection_step BEGIN SELECT RAISE(ABORT, 'objection_step is append-only'); END;
CREATE TRIGGER objection_step_no_delete BEFORE DELETE ON objection_step BEGIN SELECT RAISE(ABORT, 'objection_step is append-only'); END;
CREATE TRIGGER notice_no_update BEFORE UPDATE ON notice BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;
CREATE TRIGGER notice_no_delete BEFORE DELETE ON notice BEGIN SELECT RAISE(ABORT, 'notice is append-only'); END;
CREATE TRIGGER stage_signature_no_update BEFORE UPDATE ON stage_signature BEGIN SELECT RAISE(ABORT, 'stage_signature is append-only'); END;
CREATE TRIGGER stage_signature_no_delete BEFORE DELETE ON stage_signature BEGIN SELECT RAISE(ABORT, 'stage_signature is append-only'); END;

-- No stage is skipped.
CREATE TRIGGER notice_needs_signature BEFORE INSERT ON notice
WHEN NEW.round = 1 AND NEW.part = 'term' AND NOT EXISTS (SELECT 1 FROM signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term)
BEGIN SELECT RAISE(ABORT, 'the class is not signed'); END;
CREATE TRIGGER check_needs_notice BEFORE INSERT ON stage_signature
WHEN NOT EXISTS (SELECT 1 FROM notice WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = NEW.part AND round = 1)
BEGIN SELECT RAISE(ABORT, 'the class had no notice'); END;
CREATE TRIGGER review_needs_check BEFORE INSERT ON stage_signature
WHEN NEW.step = 'reviewed' AND NOT EXISTS (SELECT 1 FROM stage_signature WHERE school_id = NEW.school_id AND class_id = NEW.class_id AND term = NEW.term AND part = NEW.part AND step = 'checked')
BEGIN SELECT RAISE(ABORT, 'the class is not checked'); END;
CREATE TRIGGER objection_step_ended BEFORE INSERT ON objection_step
WHEN EXISTS (SELECT 1 FROM objection_step WHERE school_id = NEW.school_id AND objection_id = NEW.objection_id AND kind IN ('upheld', 'withdrawn'))
BEGIN SELECT RAISE(ABORT, 'the objection is over'); END;
