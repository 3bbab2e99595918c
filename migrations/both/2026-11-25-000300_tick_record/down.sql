DROP TABLE tick_activity;
