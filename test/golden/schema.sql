CREATE INDEX acme_orders_ordered ON acme_orders (directory_url, ordered_at);

CREATE INDEX api_keys_user ON api_keys (user_id, number);

CREATE INDEX bundles_digest ON bundles (digest);

CREATE INDEX certificates_fingerprint ON certificates (fingerprint) WHERE fingerprint IS NOT NULL;

CREATE INDEX certificates_superseded ON certificates (superseded_at) WHERE superseded_at IS NOT NULL;

CREATE INDEX challenges_expires ON challenges (expires_at);

CREATE INDEX challenges_kind ON challenges (kind, expires_at);

CREATE INDEX deployments_bundle ON deployments (bundle, environment_id);

CREATE INDEX deployments_of_environment ON deployments (environment_id, number);

CREATE INDEX drifts_ended ON drifts (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX drifts_healed ON drifts (kind, thing, ended_at) WHERE ended = 'healed';

CREATE UNIQUE INDEX drifts_open ON drifts (kind, thing, ifnull(environment_id, '')) WHERE ended_at IS NULL;

CREATE UNIQUE INDEX environments_name ON environments (service_id, name) WHERE deleted_at IS NULL;

CREATE INDEX events_at ON events (at);

CREATE INDEX grace_until ON grace (until);

CREATE UNIQUE INDEX grants_once
  ON grants (user_id, role, ifnull(service_id, ''), ifnull(environment_id, ''));

CREATE INDEX grants_role ON grants (role);

CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE INDEX identities_user ON identities (user_id);

CREATE UNIQUE INDEX invitations_login ON invitations (login);

CREATE INDEX operations_of_environment ON operations (environment_id, number);

CREATE INDEX operations_queued ON operations (service_id, number) WHERE status = 'queued';

CREATE INDEX operations_running ON operations (service_id, number) WHERE status = 'running';

CREATE UNIQUE INDEX operations_running_environment ON operations (environment_id) WHERE status = 'running';

CREATE UNIQUE INDEX operations_running_instance ON operations (status)
  WHERE status = 'running' AND service_id IS NULL;

CREATE UNIQUE INDEX operations_running_service ON operations (service_id)
  WHERE status = 'running' AND environment_id IS NULL;

CREATE INDEX operations_stuck ON operations (environment_id) WHERE status = 'stuck';

CREATE INDEX passkeys_user ON passkeys (user_id);

CREATE INDEX pins_holder ON pins (holder);

CREATE UNIQUE INDEX services_name ON services (name) WHERE deleted_at IS NULL;

CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE INDEX sessions_user ON sessions (user_id);

CREATE INDEX urls_certificate ON urls (certificate_id) WHERE certificate_id IS NOT NULL;

CREATE INDEX urls_environment ON urls (environment_id, number) WHERE deleted_at IS NULL;

CREATE INDEX urls_held ON urls (hostname) WHERE held_until IS NOT NULL;

CREATE UNIQUE INDEX urls_hostname ON urls (hostname) WHERE deleted_at IS NULL;

CREATE INDEX urls_https ON urls (number) WHERE https_mode <> 'none' AND deleted_at IS NULL;

CREATE INDEX urls_provider ON urls (provider_id) WHERE provider_id IS NOT NULL;

CREATE UNIQUE INDEX users_login ON users (login) WHERE deleted_at IS NULL;

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

CREATE TABLE bundles (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  service_id TEXT NOT NULL REFERENCES services (id),
  digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (service_id, digest)
) STRICT;

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

CREATE TABLE challenges (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- Whom it belongs to: the hash of a session's or a browser's secret.
  holder TEXT NOT NULL,
  data TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE "deployments" (
  id TEXT PRIMARY KEY REFERENCES operations (id),
  number INTEGER NOT NULL UNIQUE,
  environment_id TEXT NOT NULL REFERENCES environments (id),
  bundle TEXT,
  cause TEXT NOT NULL CHECK (cause IN ('upload', 'rollback', 'promotion', 'webhook', 'adoption')),
  -- The number of the deployment that first brought this bundle here: what "the one before" counts from.
  origin_number INTEGER NOT NULL,
  source TEXT,
  message TEXT,
  urls TEXT NOT NULL DEFAULT '[]',
  hidden_at INTEGER,
  -- {"state": "pending" or "approved", "by": actor or null, "at": ms or null}; NULL: none was asked for.
  approval TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE dns_providers (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  label TEXT NOT NULL,
  config TEXT NOT NULL,
  -- Each one sealed, by the name of its field; one that is not there is to be entered again.
  secrets TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE drifts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  -- What it is about, in words that stay the same from look to look.
  thing TEXT NOT NULL,
  service_id TEXT REFERENCES services (id),
  environment_id TEXT REFERENCES environments (id),
  url_id TEXT REFERENCES urls (id),
  -- [{"sign", "text"}, …]
  diff TEXT NOT NULL,
  -- SHA-256 of all that counts: what somebody has to have seen before he puts it back or takes it over.
  digest TEXT NOT NULL,
  revertable INTEGER NOT NULL CHECK (revertable IN (0, 1)),
  adoptable INTEGER NOT NULL CHECK (adoptable IN (0, 1)),
  why TEXT,
  found_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended TEXT CHECK (ended IN ('reverted', 'adopted', 'healed', 'gone')),
  -- The newest one that puts it back or takes it over.
  operation_id TEXT REFERENCES operations (id),
  -- Whether it was told that it is not put back by itself any more.
  left_alone INTEGER NOT NULL DEFAULT 0 CHECK (left_alone IN (0, 1)),
  CHECK (environment_id IS NULL OR service_id IS NOT NULL),
  CHECK ((ended_at IS NULL) = (ended IS NULL))
) STRICT;

CREATE TABLE environments (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL REFERENCES services (id),
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  settings TEXT NOT NULL,
  live_deployment_id TEXT REFERENCES deployments (id),
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  deleting INTEGER NOT NULL DEFAULT 0 CHECK (deleting IN (0, 1)),
  deleted_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE erased_bundles (
  service_id TEXT NOT NULL REFERENCES services (id),
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (service_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_hashes (
  number INTEGER PRIMARY KEY REFERENCES events (number),
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  service_id TEXT,
  service TEXT,
  environment_id TEXT,
  environment TEXT,
  operation_id TEXT,
  data TEXT NOT NULL
) STRICT;

CREATE TABLE grace (
  environment_id TEXT NOT NULL REFERENCES environments (id),
  digest TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (environment_id, digest)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  -- NULL while the first request is still under way.
  answer TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (actor, route, key)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE instance (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE known_addresses (
  user_id TEXT NOT NULL REFERENCES users (id),
  address TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_lines (
  operation_id TEXT NOT NULL REFERENCES operations (id),
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  level TEXT NOT NULL CHECK (level IN ('info', 'warn', 'error')),
  step TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (operation_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE migrations (number INTEGER PRIMARY KEY, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;

CREATE TABLE "operations" (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  service_id TEXT REFERENCES services (id),
  environment_id TEXT REFERENCES environments (id),
  status TEXT NOT NULL CHECK (
    status IN ('queued', 'running', 'succeeded', 'failed', 'reverted', 'cancelled', 'superseded', 'stuck')
  ),
  direction TEXT NOT NULL DEFAULT 'forward' CHECK (direction IN ('forward', 'back')),
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  actor TEXT NOT NULL,
  facts TEXT NOT NULL DEFAULT '{}',
  problem TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  CHECK (environment_id IS NULL OR service_id IS NOT NULL)
) STRICT;

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

CREATE TABLE password_resets (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  code_hash TEXT NOT NULL UNIQUE,
  -- Who made the link: it dies with his rights.
  made_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pins (
  tree TEXT NOT NULL,
  holder TEXT NOT NULL,
  PRIMARY KEY (tree, holder)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL REFERENCES users (id),
  code_hash TEXT NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusal_counts (
  minute INTEGER NOT NULL,
  source TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (minute, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE roles (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (name NOT IN ('owner', 'admin', 'deployer', 'viewer')),
  permissions TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE services (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('static')),
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  deleting INTEGER NOT NULL DEFAULT 0 CHECK (deleting IN (0, 1)),
  deleted_at INTEGER
) STRICT;

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

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
  operation_id TEXT NOT NULL REFERENCES operations (id),
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('look', 'act')),
  status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'done', 'failed', 'undone')),
  begun_at INTEGER,
  ended_at INTEGER,
  PRIMARY KEY (operation_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE urls (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  -- Canonical: A-labels in lower case, no dot at the end; a wildcard begins with "*.".
  hostname TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('site', 'redirect', 'self')),
  -- NULL: of the instance.
  environment_id TEXT REFERENCES environments (id),
  redirect_to TEXT,
  redirect_status INTEGER CHECK (redirect_status IN (301, 302, 307, 308)),
  state TEXT NOT NULL CHECK (state IN ('attaching', 'attached', 'detaching')),
  site TEXT NOT NULL DEFAULT 'pending' CHECK (site IN ('pending', 'up')),
  dns_mode TEXT NOT NULL CHECK (dns_mode IN ('auto', 'manual', 'none')),
  dns_state TEXT NOT NULL DEFAULT 'none' CHECK (dns_state IN ('none', 'by-hand', 'pending', 'answered')),
  -- Who holds the zone; NULL: nobody that is set up.
  provider_id TEXT REFERENCES dns_providers (id),
  -- {"name", "id"}
  zone TEXT,
  -- The record sets that we made, their markers too, or that a person has to make.
  records TEXT NOT NULL DEFAULT '[]',
  -- {"at", "ok", "detail"}
  last_probe TEXT,
  -- The newest one about it.
  operation_id TEXT REFERENCES operations (id),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  -- Until when resolvers may know the records that it had: so long no other service gets the name.
  held_until INTEGER, https_mode TEXT NOT NULL DEFAULT 'none' CHECK (https_mode IN ('none', 'auto', 'own')), https_redirect INTEGER NOT NULL DEFAULT 1 CHECK (https_redirect IN (0, 1)), hsts TEXT, minimum_tls TEXT NOT NULL DEFAULT 'TLSv1.2' CHECK (minimum_tls IN ('TLSv1.2', 'TLSv1.3')), certificate_id TEXT REFERENCES certificates (id), renewal TEXT NOT NULL DEFAULT '{}', extra TEXT,
  CHECK ((kind = 'self') = (environment_id IS NULL)),
  CHECK ((kind = 'redirect') = (redirect_to IS NOT NULL AND redirect_status IS NOT NULL))
) STRICT;

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

CREATE TRIGGER event_hashes_are_never_changed BEFORE UPDATE ON event_hashes
  BEGIN SELECT raise(ABORT, 'event hashes are append-only'); END;

CREATE TRIGGER event_hashes_are_never_deleted BEFORE DELETE ON event_hashes
  BEGIN SELECT raise(ABORT, 'event hashes are append-only'); END;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
  BEGIN SELECT raise(ABORT, 'events are append-only'); END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
  BEGIN SELECT raise(ABORT, 'events are append-only'); END;
