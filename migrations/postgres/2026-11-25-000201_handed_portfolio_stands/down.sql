DROP POLICY handed_portfolio_of_one_school ON handed_portfolio;
ALTER TABLE handed_portfolio NO FORCE ROW LEVEL SECURITY;
ALTER TABLE handed_portfolio DISABLE ROW LEVEL SECURITY;
DROP TRIGGER handed_portfolio_append_only ON handed_portfolio;
