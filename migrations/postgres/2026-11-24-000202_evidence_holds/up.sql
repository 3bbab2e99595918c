CREATE TRIGGER evidence_unchanged BEFORE UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_sealed BEFORE INSERT ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_telling_after_seal();
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence FORCE ROW LEVEL SECURITY;
CREATE POLICY evidence_of_one_school ON evidence USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
