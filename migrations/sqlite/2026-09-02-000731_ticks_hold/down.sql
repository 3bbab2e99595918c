DROP TRIGGER tick_sealed;
DROP TRIGGER tick_no_update;
DROP TRIGGER tick_no_delete;
