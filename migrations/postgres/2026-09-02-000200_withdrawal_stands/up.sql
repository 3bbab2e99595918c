CREATE TRIGGER withdrawal_append_only BEFORE UPDATE OR DELETE ON withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change();
