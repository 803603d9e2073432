-- Accounts: who may do what. Codes, tokens and keys are kept as their SHA-256 only; secrets are sealed.

CREATE TABLE users (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'machine')),
  -- Of a person the canonical e-mail address, of a machine its name.
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  -- bcrypt; NULL when the account has no password (yet).
  password_hash TEXT,
  password_changed_at INTEGER,
  totp_secret TEXT,
  totp_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (totp_confirmed IN (0, 1)),
  -- The newest 30-second step whose code was accepted: none is accepted twice.
  totp_last_step INTEGER,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX users_login ON users (login) WHERE deleted_at IS NULL;

CREATE TABLE roles (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (name NOT IN ('owner', 'admin', 'deployer', 'viewer')),
  permissions TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
) STRICT;

-- A role at a scope: the whole instance (both NULL), a service, or one of its environments.
CREATE TABLE grants (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,
  service_id TEXT REFERENCES services (id),
  environment_id TEXT REFERENCES environments (id),
  created_at INTEGER NOT NULL,
  CHECK (environment_id IS NULL OR service_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX grants_once
  ON grants (user_id, role, ifnull(service_id, ''), ifnull(environment_id, ''));
CREATE INDEX grants_role ON grants (role);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  -- How the person proved who it is: a JSON list such as ["password", "totp"].
  methods TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Where a person has signed in from: strangers can't lock these out.
CREATE TABLE known_addresses (
  user_id TEXT NOT NULL REFERENCES users (id),
  address TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  -- JSON lists that narrow the owner's rights; NULL: all that the owner may, now.
  permissions TEXT,
  -- [{"serviceId": …, "environmentId": … or null}, …]
  scopes TEXT,
  -- CIDR blocks; NULL: from anywhere.
  addresses TEXT,
  expires_at INTEGER,
  last_used_at INTEGER,
  last_used_from TEXT,
  -- Set by a rotation: the key that takes over, while this one still works until it expires.
  replaced_by TEXT REFERENCES api_keys (id),
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX api_keys_user ON api_keys (user_id, number);

-- One-time links: invitations, resets of passwords.
CREATE TABLE invitations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  login TEXT NOT NULL,
  role TEXT NOT NULL,
  service_id TEXT REFERENCES services (id),
  environment_id TEXT REFERENCES environments (id),
  code_hash TEXT NOT NULL UNIQUE,
  invited_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_login ON invitations (login);

CREATE TABLE password_resets (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  code_hash TEXT NOT NULL UNIQUE,
  -- Who made the link: it dies with his rights.
  made_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (id),
  code_hash TEXT NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  counter INTEGER NOT NULL,
  transports TEXT NOT NULL,
  backed_up INTEGER NOT NULL CHECK (backed_up IN (0, 1)),
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE TABLE identity_providers (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  issuer TEXT NOT NULL,
  client_id TEXT NOT NULL,
  -- Sealed; NULL: to be entered again.
  client_secret TEXT,
  settings TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
) STRICT;

-- Who somebody is at an identity provider: by issuer and subject only.
CREATE TABLE identities (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  UNIQUE (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_user ON identities (user_id);

-- What the server asked somebody to prove, until it is proved or too late: passkeys and identity providers.
CREATE TABLE challenges (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- Whom it belongs to: the hash of a session's or a browser's secret.
  holder TEXT NOT NULL,
  data TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX challenges_expires ON challenges (expires_at);
CREATE INDEX challenges_kind ON challenges (kind, expires_at);

-- The audit: a hash chain over all events, in a table of its own because events never change.
CREATE INDEX events_at ON events (at);
CREATE TABLE event_hashes (
  number INTEGER PRIMARY KEY REFERENCES events (number),
  hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER event_hashes_are_never_changed BEFORE UPDATE ON event_hashes
  BEGIN SELECT raise(ABORT, 'event hashes are append-only'); END;
CREATE TRIGGER event_hashes_are_never_deleted BEFORE DELETE ON event_hashes
  BEGIN SELECT raise(ABORT, 'event hashes are append-only'); END;

-- Refusals of nobody in particular: a flood of them is a number.
CREATE TABLE refusal_counts (
  minute INTEGER NOT NULL,
  source TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (minute, source)
) STRICT, WITHOUT ROWID;

-- Deployments that are hidden, or wait for a second person.
ALTER TABLE deployments ADD COLUMN hidden_at INTEGER;
-- {"state": "pending" or "approved", "by": actor or null, "at": ms or null}; NULL: none was asked for.
ALTER TABLE deployments ADD COLUMN approval TEXT;
-- Who may see a bundle because it was deployed where he may look.
CREATE INDEX deployments_bundle ON deployments (bundle, environment_id);

-- Tombstones of bundles whose bytes were erased.
CREATE TABLE erased_bundles (
  service_id TEXT NOT NULL REFERENCES services (id),
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (service_id, digest)
) STRICT, WITHOUT ROWID;
