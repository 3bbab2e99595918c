-- What a notice shows is frozen from its first minute on; only a decision changes an item,
-- and has it noticed again in the same moment.
CREATE TRIGGER record_noticed BEFORE INSERT ON record
WHEN EXISTS (SELECT 1 FROM notice n JOIN enrolment e ON e.school_id = n.school_id AND e.class_id = n.class_id
    WHERE n.school_id = NEW.school_id AND n.term = NEW.term AND n.part = 'term' AND n.round = 1 AND e.student_id = NEW.student_id AND e.left_on IS NULL)
  AND NOT EXISTS (SELECT 1 FROM notice s WHERE s.school_id = NEW.school_id AND s.term = NEW.term AND s.student_id = NEW.student_id AND s.opened_at = NEW.at)
BEGIN SELECT RAISE(ABORT, 'the term is in its notice'); END;
CREATE TRIGGER telling_noticed BEFORE INSERT ON telling
WHEN EXISTS (SELECT 1 FROM record r JOIN notice n ON n.school_id = r.school_id AND n.term = r.term AND n.part = 'term' AND n.round = 1
    JOIN enrolment e ON e.school_id = n.school_id AND e.class_id = n.class_id AND e.student_id = r.student_id AND e.left_on IS NULL
    WHERE r.school_id = NEW.school_id AND r.activity_id = NEW.activity_id AND r.state = 'confirmed')
  AND NOT EXISTS (SELECT 1 FROM notice s WHERE s.school_id = NEW.school_id AND s.objection_id IS NOT NULL AND s.opened_at = NEW.at)
BEGIN SELECT RAISE(ABORT, 'the term is in its notice'); END;
