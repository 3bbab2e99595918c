DROP POLICY handover_of_one_school ON handover;
ALTER TABLE handover NO FORCE ROW LEVEL SECURITY;
ALTER TABLE handover DISABLE ROW LEVEL SECURITY;
DROP TRIGGER handover_append_only ON handover;
DROP POLICY handed_term_of_one_school ON handed_term;
ALTER TABLE handed_term NO FORCE ROW LEVEL SECURITY;
ALTER TABLE handed_term DISABLE ROW LEVEL SECURITY;
DROP TRIGGER handed_term_append_only ON handed_term;
