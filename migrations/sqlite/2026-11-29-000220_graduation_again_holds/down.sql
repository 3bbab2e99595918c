DROP TRIGGER graduation_reviewed;
CREATE TRIGGER graduation_reviewed BEFORE INSERT ON graduation
WHEN EXISTS (SELECT 1 FROM stage_signature g JOIN enrolment e ON e.school_id = g.school_id AND e.class_id = g.class_id WHERE g.school_id = NEW.school_id AND e.student_id = NEW.student_id AND g.part = 'graduation' AND g.step = 'reviewed')
BEGIN SELECT RAISE(ABORT, 'the graduation is reviewed'); END;
DROP TRIGGER seal_waits_for_committee;
DROP TRIGGER seal_waits_for_objection;
DROP TRIGGER graduation_again_sealed;
DROP TRIGGER graduation_fact_sealed;
DROP TRIGGER graduation_fact_upheld;
DROP TRIGGER graduation_again_upheld;
DROP TRIGGER objection_photo_no_delete;
DROP TRIGGER objection_photo_no_update;
DROP TRIGGER graduation_fact_no_delete;
DROP TRIGGER graduation_fact_no_update;
DROP TRIGGER graduation_again_no_delete;
DROP TRIGGER graduation_again_no_update;
