DROP TRIGGER withdrawal_append_only ON withdrawal;
