DROP TRIGGER evidence_sealed;
DROP TRIGGER evidence_no_update;
