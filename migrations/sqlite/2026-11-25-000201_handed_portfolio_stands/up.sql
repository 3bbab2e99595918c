CREATE TRIGGER handed_portfolio_no_update BEFORE UPDATE ON handed_portfolio BEGIN SELECT RAISE(ABORT, 'handed_portfolio is append-only'); END;
CREATE TRIGGER handed_portfolio_no_delete BEFORE DELETE ON handed_portfolio BEGIN SELECT RAISE(ABORT, 'handed_portfolio is append-only'); END;
