DROP TABLE fitness_test;
