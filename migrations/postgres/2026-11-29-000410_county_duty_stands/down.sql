DROP TRIGGER county_duty_by_security ON county_duty;
DROP FUNCTION refuse_duty_by_another();
DROP TRIGGER county_duty_append_only ON county_duty;
