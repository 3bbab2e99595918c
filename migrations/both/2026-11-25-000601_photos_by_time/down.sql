DROP INDEX evidence_by_time;
