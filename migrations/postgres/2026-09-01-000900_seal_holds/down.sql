DROP TRIGGER graduation_sealed ON graduation;
DROP FUNCTION refuse_after_graduation;
DROP TRIGGER banding_sealed ON banding;
DROP TRIGGER comment_sealed ON comment;
DROP TRIGGER message_sealed ON message;
DROP TRIGGER seal_needs_grounds ON seal;
DROP FUNCTION refuse_groundless_seal;
DROP FUNCTION refuse_after_seal;
