DROP TRIGGER letter_no_update;
DROP TRIGGER letter_no_delete;
DROP TRIGGER webhook_no_update;
DROP TRIGGER webhook_no_delete;
