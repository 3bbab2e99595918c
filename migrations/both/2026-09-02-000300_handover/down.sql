DROP TABLE handed_term;
DROP TABLE handover;
