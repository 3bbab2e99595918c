CREATE TRIGGER movement_no_update BEFORE UPDATE ON movement BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;
CREATE TRIGGER movement_no_delete BEFORE DELETE ON movement BEGIN SELECT RAISE(ABORT, 'movement is append-only'); END;
CREATE TRIGGER term_opening_no_update BEFORE UPDATE ON term_opening BEGIN SELECT RAISE(ABORT, 'term_opening is append-only'); END;
CREATE TRIGGER term_opening_no_delete BEFORE DELETE ON term_opening BEGIN SELECT RAISE(ABORT, 'term_opening is append-only'); END;
