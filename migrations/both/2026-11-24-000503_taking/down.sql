DROP TABLE roster_taken;
DROP TABLE roster_taking;
