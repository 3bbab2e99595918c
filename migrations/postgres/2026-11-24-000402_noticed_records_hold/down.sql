DROP TRIGGER telling_noticed ON telling;
DROP FUNCTION refuse_telling_noticed();
DROP TRIGGER record_noticed ON record;
DROP FUNCTION refuse_record_noticed();
