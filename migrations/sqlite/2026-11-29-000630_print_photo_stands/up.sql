CREATE TRIGGER portfolio_photo_no_update BEFORE UPDATE ON portfolio_photo BEGIN SELECT RAISE(ABORT, 'portfolio_photo is append-only'); END;
CREATE TRIGGER portfolio_photo_no_delete BEFORE DELETE ON portfolio_photo BEGIN SELECT RAISE(ABORT, 'portfolio_photo is append-only'); END;
CREATE TRIGGER portfolio_aside_no_update BEFORE UPDATE ON portfolio_aside BEGIN SELECT RAISE(ABORT, 'portfolio_aside is append-only'); END;
CREATE TRIGGER portfolio_aside_no_delete BEFORE DELETE ON portfolio_aside BEGIN SELECT RAISE(ABORT, 'portfolio_aside is append-only'); END;
