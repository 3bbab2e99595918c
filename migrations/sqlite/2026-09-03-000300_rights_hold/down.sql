DROP TRIGGER data_request_no_delete;
DROP TRIGGER data_request_answered_once;
DROP TRIGGER reading_no_update;
