DROP TRIGGER term_no_delete;
DROP TRIGGER term_apart_moved;
DROP TRIGGER term_apart_new;
