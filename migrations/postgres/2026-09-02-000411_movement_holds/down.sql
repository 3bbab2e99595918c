DROP POLICY term_opening_of_one_school ON term_opening;
ALTER TABLE term_opening NO FORCE ROW LEVEL SECURITY;
ALTER TABLE term_opening DISABLE ROW LEVEL SECURITY;
DROP POLICY movement_of_one_school ON movement;
ALTER TABLE movement NO FORCE ROW LEVEL SECURITY;
ALTER TABLE movement DISABLE ROW LEVEL SECURITY;
DROP TRIGGER term_opening_append_only ON term_opening;
DROP TRIGGER movement_append_only ON movement;
