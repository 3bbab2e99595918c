DROP INDEX telling_in_short;
DROP INDEX record_by_activity;
CREATE INDEX record_by_activity ON record (school_id, activity_id);
DROP INDEX record_as_it_stands;
