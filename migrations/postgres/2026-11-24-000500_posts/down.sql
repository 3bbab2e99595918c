DELETE FROM post WHERE role NOT IN ('homeroom', 'deputy', 'subject');
ALTER TABLE post DROP CONSTRAINT post_role_check;
ALTER TABLE post ADD CONSTRAINT post_role_check CHECK (role IN ('homeroom', 'deputy', 'subject'));
