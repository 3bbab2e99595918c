-- When the token was issued that the newest one stands for, until the newest has come back
-- once: a renewal whose answer is lost on a telephone signs nobody out.
ALTER TABLE session ADD COLUMN renewed_from TIMESTAMP;
