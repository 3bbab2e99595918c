DROP TRIGGER vision_check_sealed;
DROP TRIGGER vision_check_no_update;
DROP TRIGGER vision_check_no_delete;
