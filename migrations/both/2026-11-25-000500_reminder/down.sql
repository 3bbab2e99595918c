DROP TABLE inbox_opening;
DROP INDEX objection_by_account;
DROP TABLE reminder;
