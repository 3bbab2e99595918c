DROP TRIGGER telling_noticed;
DROP TRIGGER record_noticed;
