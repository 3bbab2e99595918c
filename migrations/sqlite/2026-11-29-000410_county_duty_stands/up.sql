-- A duty is given once, by the security duty or at the command line, and never changed:
-- who is to do another gets another account.
CREATE TRIGGER county_duty_no_update BEFORE UPDATE ON county_duty BEGIN SELECT RAISE(ABORT, 'county_duty is append-only'); END;
CREATE TRIGGER county_duty_no_delete BEFORE DELETE ON county_duty BEGIN SELECT RAISE(ABORT, 'county_duty is append-only'); END;
CREATE TRIGGER county_duty_by_security BEFORE INSERT ON county_duty
WHEN NEW.granted_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM county_duty WHERE account_id = NEW.granted_by AND duty = 'security')
BEGIN SELECT RAISE(ABORT, 'only security gives a duty'); END;
