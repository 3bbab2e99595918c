-- After the seal nothing of that term moves; a seal needs a ground for every band that asks one.
CREATE TRIGGER banding_sealed BEFORE INSERT ON banding
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER comment_sealed BEFORE INSERT ON comment
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER message_sealed BEFORE INSERT ON message
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER graduation_sealed BEFORE INSERT ON graduation
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND part = 'graduation')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER seal_needs_grounds BEFORE INSERT ON seal
WHEN EXISTS (SELECT 1 FROM banding b
    WHERE b.school_id = NEW.school_id AND b.term = NEW.term AND b.student_id = NEW.student_id AND NEW.part = 'term'
      AND b.revision = (SELECT max(l.revision) FROM banding l WHERE l.school_id = b.school_id AND l.term = b.term AND l.student_id = b.student_id AND l.domain = b.domain)
      AND ((b.band IN ('excellent', 'developing') AND b.ground IS NULL) OR (b.band = 'developing' AND b.help IS NULL)))
BEGIN SELECT RAISE(ABORT, 'a band is without its ground'); END;
