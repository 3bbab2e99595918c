-- A run that waits for the office to go on with it.
ALTER TABLE print_run ADD COLUMN paused_at TIMESTAMP;
