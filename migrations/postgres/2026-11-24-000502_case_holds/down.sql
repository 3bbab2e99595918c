DROP POLICY case_view_of_one_school ON case_view;
ALTER TABLE case_view NO FORCE ROW LEVEL SECURITY;
ALTER TABLE case_view DISABLE ROW LEVEL SECURITY;
DROP TRIGGER case_view_no_delete ON case_view;
DROP TRIGGER case_view_ends_once ON case_view;
DROP FUNCTION refuse_changed_case();
