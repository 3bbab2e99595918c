DROP TRIGGER seal_needs_review;
