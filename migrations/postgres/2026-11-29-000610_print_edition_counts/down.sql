-- The newest edition of each version is the one that is handed out.
ALTER TABLE portfolio NO FORCE ROW LEVEL SECURITY;
DROP TRIGGER portfolio_append_only ON portfolio;
DELETE FROM portfolio AS older USING portfolio AS newer
WHERE newer.school_id = older.school_id AND newer.student_id = older.student_id AND newer.version = older.version AND newer.edition > older.edition;
CREATE TRIGGER portfolio_append_only BEFORE UPDATE OR DELETE ON portfolio FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE portfolio FORCE ROW LEVEL SECURITY;
ALTER TABLE portfolio DROP CONSTRAINT portfolio_pkey;
ALTER TABLE portfolio ADD PRIMARY KEY (school_id, student_id, version);
ALTER TABLE portfolio DROP CONSTRAINT portfolio_edition_check;
