DROP TABLE scheme;
DROP TABLE key_name;
DROP TABLE calendar_year;
DROP TABLE calendar_day;
DROP TABLE term;
DROP TABLE school;
DROP TABLE county;
