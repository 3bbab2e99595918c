DROP TRIGGER evidence_noticed ON evidence;
DROP FUNCTION refuse_evidence_noticed();
