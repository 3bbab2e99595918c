-- What was said to a family, and where a messenger was, is never rewritten.
CREATE TRIGGER letter_no_update BEFORE UPDATE ON letter BEGIN SELECT RAISE(ABORT, 'letter is append-only'); END;
CREATE TRIGGER letter_no_delete BEFORE DELETE ON letter BEGIN SELECT RAISE(ABORT, 'letter is append-only'); END;
CREATE TRIGGER webhook_no_update BEFORE UPDATE ON webhook BEGIN SELECT RAISE(ABORT, 'webhook is append-only'); END;
CREATE TRIGGER webhook_no_delete BEFORE DELETE ON webhook BEGIN SELECT RAISE(ABORT, 'webhook is append-only'); END;
