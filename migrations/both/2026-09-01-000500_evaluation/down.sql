DROP TABLE graduation;
DROP TABLE message;
DROP TABLE comment;
DROP TABLE banding;
