DROP TRIGGER cohort_sent_no_update;
DROP TRIGGER cohort_sent_no_delete;
