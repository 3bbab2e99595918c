-- What was published is never changed; what holds anew is a new row.
CREATE TRIGGER scheme_append_only BEFORE UPDATE OR DELETE ON scheme FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stage_window_append_only BEFORE UPDATE OR DELETE ON stage_window FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER window_extension_append_only BEFORE UPDATE OR DELETE ON window_extension FOR EACH ROW EXECUTE FUNCTION refuse_change();
