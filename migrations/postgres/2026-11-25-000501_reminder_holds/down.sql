DROP POLICY reminder_of_one_school ON reminder;
ALTER TABLE reminder NO FORCE ROW LEVEL SECURITY;
ALTER TABLE reminder DISABLE ROW LEVEL SECURITY;
DROP TRIGGER reminder_append_only ON reminder;
