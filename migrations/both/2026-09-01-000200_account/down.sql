DROP TABLE single_use_link;
DROP TABLE sign_in_failure;
DROP TABLE device;
DROP TABLE session;
DROP TABLE account;
