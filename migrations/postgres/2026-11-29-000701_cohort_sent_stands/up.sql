-- What was sent, and to whom, is never rewritten.
CREATE TRIGGER cohort_sent_append_only BEFORE UPDATE OR DELETE ON cohort_sent FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE cohort_sent ENABLE ROW LEVEL SECURITY;
ALTER TABLE cohort_sent FORCE ROW LEVEL SECURITY;
CREATE POLICY cohort_sent_of_one_school ON cohort_sent USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
