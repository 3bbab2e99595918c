-- What was said is never rewritten, and nothing more is said after the seal.
CREATE TRIGGER self_evaluation_no_update BEFORE UPDATE ON self_evaluation BEGIN SELECT RAISE(ABORT, 'self_evaluation is append-only'); END;
CREATE TRIGGER self_evaluation_no_delete BEFORE DELETE ON self_evaluation BEGIN SELECT RAISE(ABORT, 'self_evaluation is append-only'); END;
CREATE TRIGGER peer_draw_no_update BEFORE UPDATE ON peer_draw BEGIN SELECT RAISE(ABORT, 'peer_draw is append-only'); END;
CREATE TRIGGER peer_draw_no_delete BEFORE DELETE ON peer_draw BEGIN SELECT RAISE(ABORT, 'peer_draw is append-only'); END;
CREATE TRIGGER peer_pair_no_update BEFORE UPDATE ON peer_pair BEGIN SELECT RAISE(ABORT, 'peer_pair is append-only'); END;
CREATE TRIGGER peer_pair_no_delete BEFORE DELETE ON peer_pair BEGIN SELECT RAISE(ABORT, 'peer_pair is append-only'); END;
CREATE TRIGGER peer_view_no_update BEFORE UPDATE ON peer_view BEGIN SELECT RAISE(ABORT, 'peer_view is append-only'); END;
CREATE TRIGGER peer_view_no_delete BEFORE DELETE ON peer_view BEGIN SELECT RAISE(ABORT, 'peer_view is append-only'); END;
CREATE TRIGGER guardian_view_no_update BEFORE UPDATE ON guardian_view BEGIN SELECT RAISE(ABORT, 'guardian_view is append-only'); END;
CREATE TRIGGER guardian_view_no_delete BEFORE DELETE ON guardian_view BEGIN SELECT RAISE(ABORT, 'guardian_view is append-only'); END;
CREATE TRIGGER indicator_band_no_update BEFORE UPDATE ON indicator_band BEGIN SELECT RAISE(ABORT, 'indicator_band is append-only'); END;
CREATE TRIGGER indicator_band_no_delete BEFORE DELETE ON indicator_band BEGIN SELECT RAISE(ABORT, 'indicator_band is append-only'); END;
CREATE TRIGGER help_outcome_no_update BEFORE UPDATE ON help_outcome BEGIN SELECT RAISE(ABORT, 'help_outcome is append-only'); END;
CREATE TRIGGER help_outcome_no_delete BEFORE DELETE ON help_outcome BEGIN SELECT RAISE(ABORT, 'help_outcome is append-only'); END;
CREATE TRIGGER self_evaluation_sealed BEFORE INSERT ON self_evaluation
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER peer_view_sealed BEFORE INSERT ON peer_view
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER guardian_view_sealed BEFORE INSERT ON guardian_view
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER indicator_band_sealed BEFORE INSERT ON indicator_band
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
CREATE TRIGGER help_outcome_sealed BEFORE INSERT ON help_outcome
WHEN EXISTS (SELECT 1 FROM seal WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND term = NEW.term AND part = 'term')
BEGIN SELECT RAISE(ABORT, 'the term is sealed'); END;
