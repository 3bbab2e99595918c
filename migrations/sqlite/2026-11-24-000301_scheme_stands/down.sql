DROP TRIGGER window_extension_no_delete;
DROP TRIGGER window_extension_no_update;
DROP TRIGGER stage_window_no_delete;
DROP TRIGGER stage_window_no_update;
DROP TRIGGER scheme_no_delete;
DROP TRIGGER scheme_no_update;
