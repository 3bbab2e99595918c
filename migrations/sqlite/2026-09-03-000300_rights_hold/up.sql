-- Who looked is never rewritten; an answer is given once.
CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading BEGIN SELECT RAISE(ABORT, 'reading is append-only'); END;
CREATE TRIGGER data_request_answered_once BEFORE UPDATE ON data_request
WHEN OLD.answered_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'data_request is answered already'); END;
CREATE TRIGGER data_request_no_delete BEFORE DELETE ON data_request BEGIN SELECT RAISE(ABORT, 'data_request is append-only'); END;
