-- What is asked of one child is found by the child, not by going through its school.
CREATE INDEX subject_band_by_student ON subject_band (school_id, student_id);
CREATE INDEX tick_by_student ON tick (school_id, student_id);
CREATE INDEX vision_check_by_student ON vision_check (school_id, student_id);
CREATE INDEX peer_view_by_author ON peer_view (school_id, by_id, term);
CREATE INDEX handover_by_student ON handover (school_id, student_id);
CREATE INDEX membership_by_student ON membership (student_id);
CREATE INDEX membership_by_school ON membership (school_id, role);
CREATE INDEX consent_by_student ON consent (student_id);
-- With every column of the table, or SQLite would rather take the key.
DROP INDEX absence_by_student;
CREATE INDEX absence_by_student ON absence (school_id, student_id, class_id, kind, day, revision);
DROP INDEX contact_family_by_student;
CREATE INDEX contact_family_by_student ON contact_family (school_id, student_id, contact_id);
