CREATE TRIGGER tick_append_only BEFORE UPDATE OR DELETE ON tick FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tick_sealed BEFORE INSERT ON tick FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
ALTER TABLE tick ENABLE ROW LEVEL SECURITY;
ALTER TABLE tick FORCE ROW LEVEL SECURITY;
CREATE POLICY tick_of_one_school ON tick USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
