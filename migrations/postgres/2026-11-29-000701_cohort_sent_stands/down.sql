DROP POLICY cohort_sent_of_one_school ON cohort_sent;
ALTER TABLE cohort_sent NO FORCE ROW LEVEL SECURITY;
ALTER TABLE cohort_sent DISABLE ROW LEVEL SECURITY;
DROP TRIGGER cohort_sent_append_only ON cohort_sent;
