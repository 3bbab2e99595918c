DROP TRIGGER fitness_test_sealed;
DROP TRIGGER fitness_test_no_update;
DROP TRIGGER fitness_test_no_delete;
