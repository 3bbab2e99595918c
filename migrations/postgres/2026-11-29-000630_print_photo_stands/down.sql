DROP POLICY portfolio_aside_of_one_school ON portfolio_aside;
ALTER TABLE portfolio_aside NO FORCE ROW LEVEL SECURITY;
ALTER TABLE portfolio_aside DISABLE ROW LEVEL SECURITY;
DROP TRIGGER portfolio_aside_append_only ON portfolio_aside;
DROP POLICY portfolio_photo_of_one_school ON portfolio_photo;
ALTER TABLE portfolio_photo NO FORCE ROW LEVEL SECURITY;
ALTER TABLE portfolio_photo DISABLE ROW LEVEL SECURITY;
DROP TRIGGER portfolio_photo_append_only ON portfolio_photo;
