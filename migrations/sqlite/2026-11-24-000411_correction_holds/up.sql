-- A correction stands as it was asked; a new version of a term needs one that two others approved.
CREATE TRIGGER correction_no_update BEFORE UPDATE ON correction BEGIN SELECT RAISE(ABORT, 'correction is append-only'); END;
CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction BEGIN SELECT RAISE(ABORT, 'correction is append-only'); END;
CREATE TRIGGER correction_ruling_no_update BEFORE UPDATE ON correction_ruling BEGIN SELECT RAISE(ABORT, 'correction_ruling is append-only'); END;
CREATE TRIGGER correction_ruling_no_delete BEFORE DELETE ON correction_ruling BEGIN SELECT RAISE(ABORT, 'correction_ruling is append-only'); END;
CREATE TRIGGER correction_ruled_by_another BEFORE INSERT ON correction_ruling
WHEN EXISTS (SELECT 1 FROM correction WHERE school_id = NEW.school_id AND id = NEW.correction_id AND account_id = NEW.account_id)
BEGIN SELECT RAISE(ABORT, 'whoever asked does not rule'); END;
CREATE TRIGGER seal_needs_correction BEFORE INSERT ON seal
WHEN NEW.part = 'term' AND NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.school_id = NEW.school_id AND c.student_id = NEW.student_id AND c.term = NEW.term AND c.version = NEW.version - 1
    AND 2 <= (SELECT count(*) FROM correction_ruling r WHERE r.school_id = c.school_id AND r.correction_id = c.id AND r.approves))
BEGIN SELECT RAISE(ABORT, 'a later version needs a correction that two approved'); END;

-- What the second approval seals anew stands in the tables as well, and nothing else does.
DROP TRIGGER banding_sealed;
CREATE TRIGGER banding_sealed BEFORE INSERT ON banding
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
  AND NOT EXISTS (SELECT 1 FROM correction c JOIN correction_ruling r ON r.school_id = c.school_id AND r.correction_id = c.id
    WHERE c.school_id = NEW.school_id AND c.student_id = NEW.student_id AND c.term = NEW.term AND r.approves AND r.at = NEW.at
      AND 2 = (SELECT count(*) FROM correction_ruling a WHERE a.school_id = c.school_id AND a.correction_id = c.id AND a.approves))
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
DROP TRIGGER comment_sealed;
CREATE TRIGGER comment_sealed BEFORE INSERT ON comment
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
  AND NOT EXISTS (SELECT 1 FROM correction c JOIN correction_ruling r ON r.school_id = c.school_id AND r.correction_id = c.id
    WHERE c.school_id = NEW.school_id AND c.student_id = NEW.student_id AND c.term = NEW.term AND r.approves AND r.at = NEW.at
      AND 2 = (SELECT count(*) FROM correction_ruling a WHERE a.school_id = c.school_id AND a.correction_id = c.id AND a.approves))
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
