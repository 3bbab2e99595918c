DROP TRIGGER case_view_no_delete;
DROP TRIGGER case_view_ends_once;
