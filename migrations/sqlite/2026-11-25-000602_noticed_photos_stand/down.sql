DROP TRIGGER evidence_noticed;
