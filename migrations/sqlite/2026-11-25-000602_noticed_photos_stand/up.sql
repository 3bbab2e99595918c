-- From a notice's first minute on no photo is added to what it shows. A photo may still
-- go: a family takes its consent back at any time.
CREATE TRIGGER evidence_noticed BEFORE INSERT ON evidence
WHEN EXISTS (SELECT 1 FROM record r JOIN notice n ON n.school_id = r.school_id AND n.term = r.term AND n.part = 'term' AND n.round = 1
    JOIN enrolment e ON e.school_id = n.school_id AND e.class_id = n.class_id AND e.student_id = r.student_id AND e.left_on IS NULL
    WHERE r.school_id = NEW.school_id AND r.activity_id = NEW.activity_id AND r.state = 'confirmed')
BEGIN SELECT RAISE(ABORT, 'the term is in its notice'); END;
