-- What was published is never changed; what holds anew is a new row.
CREATE TRIGGER scheme_no_update BEFORE UPDATE ON scheme BEGIN SELECT RAISE(ABORT, 'scheme is append-only'); END;
CREATE TRIGGER scheme_no_delete BEFORE DELETE ON scheme BEGIN SELECT RAISE(ABORT, 'scheme is append-only'); END;
CREATE TRIGGER stage_window_no_update BEFORE UPDATE ON stage_window BEGIN SELECT RAISE(ABORT, 'stage_window is append-only'); END;
CREATE TRIGGER stage_window_no_delete BEFORE DELETE ON stage_window BEGIN SELECT RAISE(ABORT, 'stage_window is append-only'); END;
CREATE TRIGGER window_extension_no_update BEFORE UPDATE ON window_extension BEGIN SELECT RAISE(ABORT, 'window_extension is append-only'); END;
CREATE TRIGGER window_extension_no_delete BEFORE DELETE ON window_extension BEGIN SELECT RAISE(ABORT, 'window_extension is append-only'); END;
