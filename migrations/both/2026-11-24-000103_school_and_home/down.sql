DROP TABLE contact_reply;
DROP TABLE contact_family;
DROP TABLE contact;
DROP TABLE pledge;
DROP TABLE housework;
