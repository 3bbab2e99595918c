DROP TABLE selected_record;
DROP TABLE selection;
