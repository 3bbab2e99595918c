DROP TABLE case_view;
