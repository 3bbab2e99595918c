DROP TRIGGER county_duty_by_security;
DROP TRIGGER county_duty_no_delete;
DROP TRIGGER county_duty_no_update;
