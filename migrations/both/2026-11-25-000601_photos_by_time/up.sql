-- A photo that comes is laid beside the newest of its school.
CREATE INDEX evidence_by_time ON evidence (school_id, at);
