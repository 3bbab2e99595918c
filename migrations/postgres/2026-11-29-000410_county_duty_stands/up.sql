-- A duty is given once, by the security duty or at the command line, and never changed:
-- who is to do another gets another account.
CREATE TRIGGER county_duty_append_only BEFORE UPDATE OR DELETE ON county_duty FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_duty_by_another() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.granted_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM county_duty WHERE account_id = NEW.granted_by AND duty = 'security')
    THEN RAISE EXCEPTION 'only security gives a duty'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER county_duty_by_security BEFORE INSERT ON county_duty FOR EACH ROW EXECUTE FUNCTION refuse_duty_by_another();
