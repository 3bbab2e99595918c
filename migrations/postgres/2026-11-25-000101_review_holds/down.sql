DROP TRIGGER seal_needs_review ON seal;
DROP FUNCTION refuse_unreviewed_seal();
