DROP TABLE loose_photo;
DROP TABLE evidence;
