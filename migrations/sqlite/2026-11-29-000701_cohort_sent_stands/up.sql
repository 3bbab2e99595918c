-- What was sent, and to whom, is never rewritten.
CREATE TRIGGER cohort_sent_no_update BEFORE UPDATE ON cohort_sent BEGIN SELECT RAISE(ABORT, 'cohort_sent is append-only'); END;
CREATE TRIGGER cohort_sent_no_delete BEFORE DELETE ON cohort_sent BEGIN SELECT RAISE(ABORT, 'cohort_sent is append-only'); END;
