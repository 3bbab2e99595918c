DROP TABLE objection_photo;
DROP TABLE graduation_fact;
DROP TABLE graduation_again;
