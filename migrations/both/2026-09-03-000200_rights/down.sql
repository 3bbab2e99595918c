DROP TABLE data_request;
DROP TABLE reading;
