DROP TABLE recovery_code;
DROP TABLE second_factor;
DROP TABLE guardian_dispute;
DROP TABLE account_phone;
