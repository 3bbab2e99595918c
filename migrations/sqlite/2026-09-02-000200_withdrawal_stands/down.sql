DROP TRIGGER withdrawal_no_delete;
DROP TRIGGER withdrawal_no_update;
