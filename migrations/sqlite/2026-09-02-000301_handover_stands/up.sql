CREATE TRIGGER handover_no_update BEFORE UPDATE ON handover BEGIN SELECT RAISE(ABORT, 'handover is append-only'); END;
CREATE TRIGGER handover_no_delete BEFORE DELETE ON handover BEGIN SELECT RAISE(ABORT, 'handover is append-only'); END;
CREATE TRIGGER handed_term_no_update BEFORE UPDATE ON handed_term BEGIN SELECT RAISE(ABORT, 'handed_term is append-only'); END;
CREATE TRIGGER handed_term_no_delete BEFORE DELETE ON handed_term BEGIN SELECT RAISE(ABORT, 'handed_term is append-only'); END;
