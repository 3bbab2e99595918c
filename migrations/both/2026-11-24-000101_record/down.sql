DROP TABLE absence;
DROP TABLE roll_call;
DROP TABLE record;
DROP TABLE telling;
DROP TABLE activity;
