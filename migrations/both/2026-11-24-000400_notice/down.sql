DROP TABLE stage_signature;
DROP TABLE notice;
DROP TABLE objection_step;
DROP TABLE objection;
