DROP TABLE vision_check;
