DROP TABLE journal_night;
DROP TABLE journal_detail;
DROP TABLE journal;
DROP TABLE journal_head;
