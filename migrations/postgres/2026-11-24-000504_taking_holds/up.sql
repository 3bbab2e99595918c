-- A taking is undone once. A movement may be deleted where the taking that brought it is
-- undone, and nowhere else.
CREATE FUNCTION refuse_second_undoing() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR OLD.at <> NEW.at THEN RAISE EXCEPTION 'roster_taking is undone once'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER roster_taking_undone_once BEFORE UPDATE ON roster_taking FOR EACH ROW EXECUTE FUNCTION refuse_second_undoing();
CREATE TRIGGER roster_taking_no_delete BEFORE DELETE ON roster_taking FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_lost_movement() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM roster_taken t JOIN roster_taking k ON k.school_id = t.school_id AND k.id = t.taking_id
        WHERE t.school_id = OLD.school_id AND t.student_id = OLD.student_id AND k.undone_at IS NOT NULL AND k.at = OLD.at
    ) THEN RAISE EXCEPTION 'movement is append-only'; END IF;
    RETURN OLD;
END $$;
DROP TRIGGER movement_append_only ON movement;
CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_lost_movement();
ALTER TABLE roster_taking ENABLE ROW LEVEL SECURITY;
ALTER TABLE roster_taking FORCE ROW LEVEL SECURITY;
CREATE POLICY roster_taking_of_one_school ON roster_taking USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE roster_taken ENABLE ROW LEVEL SECURITY;
ALTER TABLE roster_taken FORCE ROW LEVEL SECURITY;
CREATE POLICY roster_taken_of_one_school ON roster_taken USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
