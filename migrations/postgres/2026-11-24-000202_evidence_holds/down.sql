DROP POLICY evidence_of_one_school ON evidence;
ALTER TABLE evidence NO FORCE ROW LEVEL SECURITY;
ALTER TABLE evidence DISABLE ROW LEVEL SECURITY;
DROP TRIGGER evidence_sealed ON evidence;
DROP TRIGGER evidence_unchanged ON evidence;
