DROP TABLE seal;
DROP TABLE sealed_file;
DROP TABLE signature;
