DROP TABLE print_item;
DROP TABLE print_run;
DROP TABLE portfolio;
DROP TABLE verify_code;
