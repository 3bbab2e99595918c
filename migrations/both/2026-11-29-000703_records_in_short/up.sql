-- What a timeline chooses its page by and a grid its marks, read from the indexes alone:
-- of two hundred records of a term a page shows ten. Told by the activity they are found
-- as fully, or SQLite would rather go through the school's.
CREATE INDEX record_as_it_stands ON record (school_id, term, student_id, activity_id, revision, state);
DROP INDEX record_by_activity;
CREATE INDEX record_by_activity ON record (school_id, activity_id, student_id, revision, state);
CREATE INDEX telling_in_short ON telling (school_id, activity_id, revision, domain, also, starts_on, title);
