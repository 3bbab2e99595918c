-- What is written here is never changed; what is said anew is a new row.
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_night_no_update BEFORE UPDATE ON journal_night BEGIN SELECT RAISE(ABORT, 'journal_night is append-only'); END;
CREATE TRIGGER journal_night_no_delete BEFORE DELETE ON journal_night BEGIN SELECT RAISE(ABORT, 'journal_night is append-only'); END;
CREATE TRIGGER banding_no_update BEFORE UPDATE ON banding BEGIN SELECT RAISE(ABORT, 'banding is append-only'); END;
CREATE TRIGGER banding_no_delete BEFORE DELETE ON banding BEGIN SELECT RAISE(ABORT, 'banding is append-only'); END;
CREATE TRIGGER comment_no_update BEFORE UPDATE ON comment BEGIN SELECT RAISE(ABORT, 'comment is append-only'); END;
CREATE TRIGGER comment_no_delete BEFORE DELETE ON comment BEGIN SELECT RAISE(ABORT, 'comment is append-only'); END;
CREATE TRIGGER message_no_update BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'message is append-only'); END;
CREATE TRIGGER message_no_delete BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'message is append-only'); END;
CREATE TRIGGER graduation_no_update BEFORE UPDATE ON graduation BEGIN SELECT RAISE(ABORT, 'graduation is append-only'); END;
CREATE TRIGGER graduation_no_delete BEFORE DELETE ON graduation BEGIN SELECT RAISE(ABORT, 'graduation is append-only'); END;
CREATE TRIGGER signature_no_update BEFORE UPDATE ON signature BEGIN SELECT RAISE(ABORT, 'signature is append-only'); END;
CREATE TRIGGER signature_no_delete BEFORE DELETE ON signature BEGIN SELECT RAISE(ABORT, 'signature is append-only'); END;
CREATE TRIGGER sealed_file_no_update BEFORE UPDATE ON sealed_file BEGIN SELECT RAISE(ABORT, 'sealed_file is append-only'); END;
CREATE TRIGGER sealed_file_no_delete BEFORE DELETE ON sealed_file BEGIN SELECT RAISE(ABORT, 'sealed_file is append-only'); END;
CREATE TRIGGER seal_no_update BEFORE UPDATE ON seal BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END;
CREATE TRIGGER seal_no_delete BEFORE DELETE ON seal BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END;
CREATE TRIGGER portfolio_no_update BEFORE UPDATE ON portfolio BEGIN SELECT RAISE(ABORT, 'portfolio is append-only'); END;
CREATE TRIGGER portfolio_no_delete BEFORE DELETE ON portfolio BEGIN SELECT RAISE(ABORT, 'portfolio is append-only'); END;

-- Detail goes only by a purge, which journals itself first and names the line it removes.
CREATE TRIGGER journal_detail_no_update BEFORE UPDATE ON journal_detail BEGIN SELECT RAISE(ABORT, 'journal_detail is append-only'); END;
CREATE TRIGGER journal_detail_purge BEFORE DELETE ON journal_detail
WHEN NOT EXISTS (SELECT 1 FROM journal WHERE school_id = OLD.school_id AND n > OLD.n AND verb = 'purged' AND instr(about, '"n":' || OLD.n || '}') > 0)
BEGIN SELECT RAISE(ABORT, 'journal detail goes only by a journalled purge'); END;
