-- 三员分立: an account of the county has one of three duties, by its key and no more.
-- Nobody gives herself one; `NULL` is the server's own command line.
CREATE TABLE county_duty (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES account (id),
    duty       TEXT NOT NULL CHECK (duty IN ('system', 'security', 'audit')),
    since      DATE NOT NULL,
    granted_by UUID REFERENCES account (id),
    CHECK (granted_by <> account_id)
);
-- Who was of the county before there were three does what the county did.
INSERT INTO county_duty (account_id, duty, since)
SELECT account_id, 'system', min(since) FROM membership WHERE role = 'county' GROUP BY account_id;
-- The auditor reads a day of all chains.
CREATE INDEX journal_by_time ON journal (at);
