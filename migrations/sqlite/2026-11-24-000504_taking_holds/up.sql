-- A taking is undone once. A movement may be deleted where the taking that brought it is
-- undone, and nowhere else.
CREATE TRIGGER roster_taking_undone_once BEFORE UPDATE ON roster_taking
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR OLD.at <> NEW.at
BEGIN SELECT RAISE(ABORT, 'roster_taking is undone once'); END;
CREATE TRIGGER roster_taking_no_delete BEFORE DELETE ON roster_taking BEGIN SELECT RAISE(ABORT, 'roster_taking is append-only'); END;
DROP TRIGGER movement_no_delete;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement
WHEN NOT EXISTS (
    SELECT 1 FROM roster_taken t JOIN roster_taking k ON k.school_id = t.school_id AND k.id = t.taking_id
    WHERE t.school_id = OLD.school_id AND t.student_id = OLD.student_id AND k.undone_at IS NOT NULL AND k.at = OLD.at
)
BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;
