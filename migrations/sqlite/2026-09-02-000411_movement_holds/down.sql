DROP TRIGGER term_opening_no_delete;
DROP TRIGGER term_opening_no_update;
DROP TRIGGER movement_no_delete;
DROP TRIGGER movement_no_update;
