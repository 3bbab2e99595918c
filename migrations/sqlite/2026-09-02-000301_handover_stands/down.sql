DROP TRIGGER handover_no_delete;
DROP TRIGGER handover_no_update;
DROP TRIGGER handed_term_no_delete;
DROP TRIGGER handed_term_no_update;
