DROP TRIGGER tick_activity_no_delete;
DROP TRIGGER tick_activity_no_update;
