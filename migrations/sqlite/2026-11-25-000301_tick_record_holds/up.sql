CREATE TRIGGER tick_activity_no_update BEFORE UPDATE ON tick_activity BEGIN SELECT RAISE(ABORT, 'tick_activity is append-only'); END;
CREATE TRIGGER tick_activity_no_delete BEFORE DELETE ON tick_activity BEGIN SELECT RAISE(ABORT, 'tick_activity is append-only'); END;
