DROP TRIGGER selected_record_sealed;
DROP TRIGGER selected_record_no_delete;
DROP TRIGGER selected_record_no_update;
DROP TRIGGER selection_sealed;
DROP TRIGGER selection_no_delete;
DROP TRIGGER selection_no_update;
