DROP TRIGGER term_apart ON term;
DROP FUNCTION refuse_terms_that_overlap();
