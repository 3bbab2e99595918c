ALTER TABLE portfolio ADD CHECK (edition > 0);
ALTER TABLE portfolio DROP CONSTRAINT portfolio_pkey;
ALTER TABLE portfolio ADD PRIMARY KEY (school_id, student_id, version, edition);
