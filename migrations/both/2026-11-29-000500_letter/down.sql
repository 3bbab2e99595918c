DROP TABLE webhook_try;
DROP TABLE webhook;
DROP INDEX objection_step_by_time;
DROP INDEX reminder_by_time;
DROP TABLE letter;
