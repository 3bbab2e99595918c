DROP TRIGGER graduation_sealed;
DROP TRIGGER banding_sealed;
DROP TRIGGER comment_sealed;
DROP TRIGGER message_sealed;
DROP TRIGGER seal_needs_grounds;
