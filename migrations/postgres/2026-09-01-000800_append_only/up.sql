-- What is written here is never changed; what is said anew is a new row.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_night_append_only BEFORE UPDATE OR DELETE ON journal_night FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER banding_append_only BEFORE UPDATE OR DELETE ON banding FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_append_only BEFORE UPDATE OR DELETE ON comment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER message_append_only BEFORE UPDATE OR DELETE ON message FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER graduation_append_only BEFORE UPDATE OR DELETE ON graduation FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_file_append_only BEFORE UPDATE OR DELETE ON sealed_file FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER portfolio_append_only BEFORE UPDATE OR DELETE ON portfolio FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Detail goes only by a purge, which journals itself first and names the line it removes.
CREATE FUNCTION refuse_unjournalled_purge() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF EXISTS (SELECT 1 FROM journal WHERE school_id = OLD.school_id AND n > OLD.n AND verb = 'purged' AND position('"n":' || OLD.n || '}' IN about) > 0)
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'journal detail goes only by a journalled purge';
END $$;
CREATE TRIGGER journal_detail_no_update BEFORE UPDATE ON journal_detail FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_detail_purge BEFORE DELETE ON journal_detail FOR EACH ROW EXECUTE FUNCTION refuse_unjournalled_purge();
