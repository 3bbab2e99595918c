DROP INDEX journal_by_time;
DROP TABLE county_duty;
