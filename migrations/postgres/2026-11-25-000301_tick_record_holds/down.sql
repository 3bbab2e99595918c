DROP POLICY tick_activity_of_one_school ON tick_activity;
ALTER TABLE tick_activity NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tick_activity DISABLE ROW LEVEL SECURITY;
DROP TRIGGER tick_activity_append_only ON tick_activity;
