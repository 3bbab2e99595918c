-- Three more posts in a class: who organises, the committee, the doctor.
ALTER TABLE post DROP CONSTRAINT post_role_check;
ALTER TABLE post ADD CONSTRAINT post_role_check CHECK (role IN ('homeroom', 'deputy', 'subject', 'organiser', 'committee', 'health'));
