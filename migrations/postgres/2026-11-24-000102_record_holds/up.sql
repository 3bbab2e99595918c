CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER telling_append_only BEFORE UPDATE OR DELETE ON telling FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_append_only BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_sealed BEFORE INSERT ON record FOR EACH ROW EXECUTE FUNCTION refuse_after_seal();
CREATE TRIGGER roll_call_append_only BEFORE UPDATE OR DELETE ON roll_call FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER absence_append_only BEFORE UPDATE OR DELETE ON absence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_telling_after_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM record JOIN seal ON seal.school_id = record.school_id AND seal.student_id = record.student_id AND seal.term = record.term AND seal.part = 'term'
        WHERE record.school_id = NEW.school_id AND record.activity_id = NEW.activity_id) THEN
        RAISE EXCEPTION 'the term is sealed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER telling_sealed BEFORE INSERT ON telling FOR EACH ROW EXECUTE FUNCTION refuse_telling_after_seal();
ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity FORCE ROW LEVEL SECURITY;
CREATE POLICY activity_of_one_school ON activity USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE telling ENABLE ROW LEVEL SECURITY;
ALTER TABLE telling FORCE ROW LEVEL SECURITY;
CREATE POLICY telling_of_one_school ON telling USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE record ENABLE ROW LEVEL SECURITY;
ALTER TABLE record FORCE ROW LEVEL SECURITY;
CREATE POLICY record_of_one_school ON record USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE roll_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE roll_call FORCE ROW LEVEL SECURITY;
CREATE POLICY roll_call_of_one_school ON roll_call USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
ALTER TABLE absence ENABLE ROW LEVEL SECURITY;
ALTER TABLE absence FORCE ROW LEVEL SECURITY;
CREATE POLICY absence_of_one_school ON absence USING (current_setting('qinghe.owner', true) IN ('*', school_id::text));
