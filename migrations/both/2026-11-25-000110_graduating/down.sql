DROP TABLE graduation_tick;
DROP TABLE graduation_word;
