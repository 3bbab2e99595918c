DROP TRIGGER reminder_no_delete;
DROP TRIGGER reminder_no_update;
