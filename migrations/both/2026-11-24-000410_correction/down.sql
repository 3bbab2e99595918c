DROP TABLE correction_ruling;
DROP TABLE correction;
