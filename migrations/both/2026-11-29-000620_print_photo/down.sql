DROP TABLE withdrawn_file;
DROP TABLE portfolio_aside;
DROP TABLE portfolio_photo;
