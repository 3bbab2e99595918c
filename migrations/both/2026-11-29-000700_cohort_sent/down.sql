DROP TABLE cohort_sent;
