DROP POLICY vision_check_of_one_school ON vision_check;
ALTER TABLE vision_check NO FORCE ROW LEVEL SECURITY;
ALTER TABLE vision_check DISABLE ROW LEVEL SECURITY;
DROP TRIGGER vision_check_sealed ON vision_check;
DROP TRIGGER vision_check_append_only ON vision_check;
