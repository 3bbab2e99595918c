//! Whoever teaches a subject in the class reads its notice and objects.

super::teaching::teaching_pages!(Subject, "/subject", "subject");
