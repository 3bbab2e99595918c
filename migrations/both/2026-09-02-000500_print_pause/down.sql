ALTER TABLE print_run DROP COLUMN paused_at;
