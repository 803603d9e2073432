CREATE INDEX bundles_digest ON bundles (digest);

CREATE INDEX deployments_of_environment ON deployments (environment_id, number);

CREATE UNIQUE INDEX environments_name ON environments (service_id, name) WHERE deleted_at IS NULL;

CREATE INDEX grace_until ON grace (until);

CREATE INDEX idempotency_created ON idempotency (created_at);

CREATE INDEX operations_of_environment ON operations (environment_id, number);

CREATE INDEX operations_queued ON operations (service_id, number) WHERE status = 'queued';

CREATE INDEX operations_running ON operations (service_id, number) WHERE status = 'running';

CREATE UNIQUE INDEX operations_running_environment ON operations (environment_id) WHERE status = 'running';

CREATE UNIQUE INDEX operations_running_service ON operations (service_id)
  WHERE status = 'running' AND environment_id IS NULL;

CREATE INDEX operations_stuck ON operations (environment_id) WHERE status = 'stuck';

CREATE INDEX pins_holder ON pins (holder);

CREATE UNIQUE INDEX services_name ON services (name) WHERE deleted_at IS NULL;

CREATE TABLE bundles (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  service_id TEXT NOT NULL REFERENCES services (id),
  digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (service_id, digest)
) STRICT;

CREATE TABLE deployments (
  id TEXT PRIMARY KEY REFERENCES operations (id),
  number INTEGER NOT NULL UNIQUE,
  environment_id TEXT NOT NULL REFERENCES environments (id),
  bundle TEXT,
  cause TEXT NOT NULL CHECK (cause IN ('upload', 'rollback', 'promotion', 'webhook')),
  -- The number of the deployment that first brought this bundle here: what "the one before" counts from.
  origin_number INTEGER NOT NULL,
  source TEXT,
  message TEXT,
  urls TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

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

CREATE TABLE idempotency (
  actor TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  -- NULL while the first request is still under way.
  answer TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (actor, route, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE instance (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
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

CREATE TABLE operations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  service_id TEXT NOT NULL REFERENCES services (id),
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
  finished_at INTEGER
) STRICT;

CREATE TABLE pins (
  tree TEXT NOT NULL,
  holder TEXT NOT NULL,
  PRIMARY KEY (tree, holder)
) STRICT, WITHOUT ROWID;

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

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
  BEGIN SELECT raise(ABORT, 'events are append-only'); END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
  BEGIN SELECT raise(ABORT, 'events are append-only'); END;
