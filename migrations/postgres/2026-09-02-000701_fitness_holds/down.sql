DROP POLICY fitness_test_of_one_school ON fitness_test;
ALTER TABLE fitness_test NO FORCE ROW LEVEL SECURITY;
ALTER TABLE fitness_test DISABLE ROW LEVEL SECURITY;
DROP TRIGGER fitness_test_sealed ON fitness_test;
DROP FUNCTION refuse_after_year;
DROP TRIGGER fitness_test_append_only ON fitness_test;
