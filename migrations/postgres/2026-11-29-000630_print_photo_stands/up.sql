CREATE TRIGGER portfolio_photo_append_only BEFORE UPDATE OR DELETE ON portfolio_photo FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE portfolio_photo ENABLE ROW LEVEL SECURITY;
ALTER TABLE portfolio_photo FORCE ROW LEVEL SECURITY;
CREATE POLICY portfolio_photo_of_one_school ON portfolio_photo USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
CREATE TRIGGER portfolio_aside_append_only BEFORE UPDATE OR DELETE ON portfolio_aside FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE portfolio_aside ENABLE ROW LEVEL SECURITY;
ALTER TABLE portfolio_aside FORCE ROW LEVEL SECURITY;
CREATE POLICY portfolio_aside_of_one_school ON portfolio_aside USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
