DROP TABLE paper_term;
