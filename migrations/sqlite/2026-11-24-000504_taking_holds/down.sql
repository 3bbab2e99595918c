DROP TRIGGER movement_no_delete;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;
DROP TRIGGER roster_taking_no_delete;
DROP TRIGGER roster_taking_undone_once;
