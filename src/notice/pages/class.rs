//! The class teacher reads the notice of the class and objects.

super::teaching::teaching_pages!(Homeroom, "/class", "homeroom");
