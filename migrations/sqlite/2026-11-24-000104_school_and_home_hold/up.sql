CREATE TRIGGER housework_no_update BEFORE UPDATE ON housework BEGIN SELECT RAISE(ABORT, 'housework is append-only'); END;
CREATE TRIGGER housework_no_delete BEFORE DELETE ON housework BEGIN SELECT RAISE(ABORT, 'housework is append-only'); END;
CREATE TRIGGER housework_sealed BEFORE INSERT ON housework
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER pledge_no_update BEFORE UPDATE ON pledge BEGIN SELECT RAISE(ABORT, 'pledge is append-only'); END;
CREATE TRIGGER pledge_no_delete BEFORE DELETE ON pledge BEGIN SELECT RAISE(ABORT, 'pledge is append-only'); END;
CREATE TRIGGER contact_no_update BEFORE UPDATE ON contact BEGIN SELECT RAISE(ABORT, 'contact is append-only'); END;
CREATE TRIGGER contact_no_delete BEFORE DELETE ON contact BEGIN SELECT RAISE(ABORT, 'contact is append-only'); END;
CREATE TRIGGER contact_family_no_update BEFORE UPDATE ON contact_family BEGIN SELECT RAISE(ABORT, 'contact_family is append-only'); END;
CREATE TRIGGER contact_family_no_delete BEFORE DELETE ON contact_family BEGIN SELECT RAISE(ABORT, 'contact_family is append-only'); END;
CREATE TRIGGER contact_reply_no_update BEFORE UPDATE ON contact_reply BEGIN SELECT RAISE(ABORT, 'contact_reply is append-only'); END;
CREATE TRIGGER contact_reply_no_delete BEFORE DELETE ON contact_reply BEGIN SELECT RAISE(ABORT, 'contact_reply is append-only'); END;
