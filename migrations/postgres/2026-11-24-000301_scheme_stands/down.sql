DROP TRIGGER window_extension_append_only ON window_extension;
DROP TRIGGER stage_window_append_only ON stage_window;
DROP TRIGGER scheme_append_only ON scheme;
