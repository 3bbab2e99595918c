-- Who looked is never rewritten; an answer is given once.
CREATE TRIGGER reading_append_only BEFORE UPDATE ON reading FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_second_answer() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF OLD.answered_at IS NOT NULL THEN RAISE EXCEPTION 'data_request is answered already'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_request_answered_once BEFORE UPDATE ON data_request FOR EACH ROW EXECUTE FUNCTION refuse_second_answer();
CREATE TRIGGER data_request_no_delete BEFORE DELETE ON data_request FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading FORCE ROW LEVEL SECURITY;
CREATE POLICY reading_of_one_school ON reading USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE data_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_request FORCE ROW LEVEL SECURITY;
CREATE POLICY data_request_of_one_school ON data_request USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
