-- SQLite has no row-level security; the grants alone keep the schools apart.
SELECT 1;
