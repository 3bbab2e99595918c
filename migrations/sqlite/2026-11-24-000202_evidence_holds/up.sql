CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is not changed'); END;
CREATE TRIGGER evidence_sealed BEFORE INSERT ON evidence
WHEN EXISTS (SELECT 1 FROM record JOIN seal ON seal.school_id = record.school_id AND seal.student_id = record.student_id AND seal.term = record.term AND seal.part = 'term'
    WHERE record.school_id = NEW.school_id AND record.activity_id = NEW.activity_id)
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
