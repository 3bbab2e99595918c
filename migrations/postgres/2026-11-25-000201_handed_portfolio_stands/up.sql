CREATE TRIGGER handed_portfolio_append_only BEFORE UPDATE OR DELETE ON handed_portfolio FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE handed_portfolio ENABLE ROW LEVEL SECURITY;
ALTER TABLE handed_portfolio FORCE ROW LEVEL SECURITY;
CREATE POLICY handed_portfolio_of_one_school ON handed_portfolio USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
