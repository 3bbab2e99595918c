-- The county's six digits (GB/T 2260): who issues a credential.
ALTER TABLE county ADD COLUMN code TEXT NOT NULL DEFAULT '210421';

-- The credential made together with a portfolio's PDF; none with those printed before there were any.
ALTER TABLE portfolio ADD COLUMN credential_sha256 TEXT;

-- Portfolios that no longer hold, by the code anyone may ask for. They are never deleted.
CREATE TABLE withdrawal (
    code       TEXT NOT NULL PRIMARY KEY REFERENCES verify_code (code),
    credential TEXT NOT NULL,
    reason     TEXT NOT NULL CHECK (reason <> ''),
    account_id UUID REFERENCES account (id),
    at         TIMESTAMP NOT NULL
);
