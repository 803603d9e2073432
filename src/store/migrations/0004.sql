-- HTTPS: certificates, the accounts that they are asked for with, and how each URL answers.

-- A row whose chain is NULL is asked for just now; a superseded one has lost its key and is forgotten after a while.
CREATE TABLE certificates (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('acme', 'own')),
  -- A list of host names.
  names TEXT NOT NULL,
  -- Sealed PKCS#8; NULL: superseded, or to be entered again.
  key TEXT,
  -- PEM, the certificate itself first.
  chain TEXT,
  -- SHA-256 of its DER, in hex.
  fingerprint TEXT,
  issuer TEXT,
  serial TEXT,
  not_before INTEGER,
  not_after INTEGER,
  -- Of the CA that it was asked of.
  directory_url TEXT,
  -- When that CA wants it to be renewed: {"from", "until", "lookAgainAt"}
  renewal_window TEXT,
  -- Of a placeholder in its file: {"fingerprint", "reason", "at"}
  stand_in TEXT,
  created_at INTEGER NOT NULL,
  superseded_at INTEGER
) STRICT;
CREATE INDEX certificates_superseded ON certificates (superseded_at) WHERE superseded_at IS NOT NULL;
CREATE INDEX certificates_fingerprint ON certificates (fingerprint) WHERE fingerprint IS NOT NULL;

CREATE TABLE acme_accounts (
  directory_url TEXT PRIMARY KEY,
  -- Sealed PKCS#8; NULL: a new account is opened.
  key TEXT,
  -- NULL: not opened yet.
  url TEXT,
  -- The email address that it was told.
  contact TEXT,
  -- The CA wants to be left alone until then.
  blocked_until INTEGER,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row an order: what the issuance budget counts.
CREATE TABLE acme_orders (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate_id TEXT NOT NULL UNIQUE,
  directory_url TEXT NOT NULL,
  operation_id TEXT NOT NULL REFERENCES operations (id),
  -- NULL: the CA has not answered yet.
  url TEXT,
  ordered_at INTEGER NOT NULL,
  -- NULL: under way.
  ended_at INTEGER
) STRICT;
CREATE INDEX acme_orders_ordered ON acme_orders (directory_url, ordered_at);

ALTER TABLE urls ADD COLUMN https_mode TEXT NOT NULL DEFAULT 'none' CHECK (https_mode IN ('none', 'auto', 'own'));
ALTER TABLE urls ADD COLUMN https_redirect INTEGER NOT NULL DEFAULT 1 CHECK (https_redirect IN (0, 1));
-- {"maxAgeSeconds", "includeSubDomains", "preload"}
ALTER TABLE urls ADD COLUMN hsts TEXT;
ALTER TABLE urls ADD COLUMN minimum_tls TEXT NOT NULL DEFAULT 'TLSv1.2' CHECK (minimum_tls IN ('TLSv1.2', 'TLSv1.3'));
-- The one that answers; NULL: plain HTTP alone, or none yet.
ALTER TABLE urls ADD COLUMN certificate_id TEXT REFERENCES certificates (id);
-- {"at", "attempts", "problem", "warnedDays"}
ALTER TABLE urls ADD COLUMN renewal TEXT NOT NULL DEFAULT '{}';
-- NGINX directives of the operator's own.
ALTER TABLE urls ADD COLUMN extra TEXT;
CREATE INDEX urls_certificate ON urls (certificate_id) WHERE certificate_id IS NOT NULL;
CREATE INDEX urls_https ON urls (number) WHERE https_mode <> 'none' AND deleted_at IS NULL;
