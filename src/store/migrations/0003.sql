-- URLs: host names with a site in a gateway and records in DNS, and the settings of the instance that they need.

-- Operations about the instance itself have no service. SQLite takes no NOT NULL away, so the table is made anew.
CREATE TABLE operations_anew (
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
INSERT INTO operations_anew (number, id, kind, service_id, environment_id, status, direction, cancel_requested, actor,
    facts, problem, created_at, started_at, finished_at)
  SELECT number, id, kind, service_id, environment_id, status, direction, cancel_requested, actor,
    facts, problem, created_at, started_at, finished_at
  FROM operations;
DROP TABLE operations;
ALTER TABLE operations_anew RENAME TO operations;
-- One running operation an environment, one a service as a whole, and one the instance itself.
CREATE UNIQUE INDEX operations_running_environment ON operations (environment_id) WHERE status = 'running';
CREATE UNIQUE INDEX operations_running_service ON operations (service_id)
  WHERE status = 'running' AND environment_id IS NULL;
CREATE UNIQUE INDEX operations_running_instance ON operations (status)
  WHERE status = 'running' AND service_id IS NULL;
CREATE INDEX operations_queued ON operations (service_id, number) WHERE status = 'queued';
CREATE INDEX operations_running ON operations (service_id, number) WHERE status = 'running';
CREATE INDEX operations_stuck ON operations (environment_id) WHERE status = 'stuck';
CREATE INDEX operations_of_environment ON operations (environment_id, number);

-- A deletion has two more steps, "remove the DNS records" and "ask the name servers", after its first one. One that the
-- upgrade interrupts goes on: there are no URLs yet, so beyond its first step these are done.
UPDATE steps SET position = -2 - position WHERE position >= 1 AND operation_id IN (
  SELECT id FROM operations
  WHERE kind IN ('environment-deletion', 'service-deletion') AND status IN ('queued', 'running', 'stuck')
);
UPDATE steps SET position = -position WHERE position < 0;
INSERT INTO steps (operation_id, position, name, kind, status)
  SELECT operation_id, added.column1, added.column2, added.column3, CASE status WHEN 'pending' THEN 'pending' ELSE 'done' END
  FROM steps, (VALUES (1, 'remove the DNS records', 'act'), (2, 'ask the name servers', 'look')) AS added
  WHERE position = 3 AND name = 'take the sites down';

-- Settings of the instance: one row each.
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
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

-- Rows of detached URLs stay: they hold their name for a while.
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
  held_until INTEGER,
  CHECK ((kind = 'self') = (environment_id IS NULL)),
  CHECK ((kind = 'redirect') = (redirect_to IS NOT NULL AND redirect_status IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX urls_hostname ON urls (hostname) WHERE deleted_at IS NULL;
CREATE INDEX urls_environment ON urls (environment_id, number) WHERE deleted_at IS NULL;
CREATE INDEX urls_held ON urls (hostname) WHERE held_until IS NOT NULL;
CREATE INDEX urls_provider ON urls (provider_id) WHERE provider_id IS NOT NULL;
