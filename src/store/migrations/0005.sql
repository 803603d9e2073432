-- Drift: what stands in the world and is not what the database says.

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
CREATE UNIQUE INDEX drifts_open ON drifts (kind, thing, ifnull(environment_id, '')) WHERE ended_at IS NULL;
CREATE INDEX drifts_ended ON drifts (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX drifts_healed ON drifts (kind, thing, ended_at) WHERE ended = 'healed';

-- One more cause of deployments. SQLite changes no CHECK, so the table is made anew.
CREATE TABLE deployments_anew (
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
INSERT INTO deployments_anew (id, number, environment_id, bundle, cause, origin_number, source, message, urls, hidden_at,
    approval)
  SELECT id, number, environment_id, bundle, cause, origin_number, source, message, urls, hidden_at, approval
  FROM deployments;
DROP TABLE deployments;
ALTER TABLE deployments_anew RENAME TO deployments;
CREATE INDEX deployments_of_environment ON deployments (environment_id, number);
-- Who may see a bundle because it was deployed where he may look.
CREATE INDEX deployments_bundle ON deployments (bundle, environment_id);
