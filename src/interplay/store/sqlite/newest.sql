CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE interactions (
  turn INTEGER NOT NULL,
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  branch INTEGER NOT NULL,
  depth INTEGER NOT NULL,
  state SMALLINT NOT NULL,
  status TEXT NOT NULL,
  model TEXT NOT NULL,
  created DOUBLE NOT NULL,
  expires DOUBLE,
  owner TEXT NOT NULL,
  input BLOB NOT NULL,
  resource BLOB NOT NULL, "key" TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_interactions PRIMARY KEY (turn),
  CONSTRAINT uq_interactions_branch UNIQUE (branch, depth),
  CONSTRAINT ck_interactions_state CHECK (state BETWEEN 0 AND 3),
  CONSTRAINT uq_interactions_id UNIQUE (id)
);

CREATE INDEX ix_interactions_in_progress ON interactions (owner) WHERE state = 0;

CREATE INDEX ix_interactions_ended ON interactions (expires) WHERE state = 1;

CREATE INDEX ix_interactions_erasing ON interactions (turn) WHERE state = 2;

CREATE TABLE branches (
  branch INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  fork INTEGER NOT NULL,
  CONSTRAINT pk_branches PRIMARY KEY (branch)
);

CREATE INDEX ix_branches_parent ON branches (parent, fork);

CREATE TABLE projects (
  id TEXT NOT NULL,
  created DOUBLE NOT NULL,
  CONSTRAINT pk_projects PRIMARY KEY (id)
);

CREATE TABLE keys (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  digest BLOB NOT NULL,
  hint TEXT NOT NULL,
  created DOUBLE NOT NULL,
  revoked DOUBLE,
  CONSTRAINT pk_keys PRIMARY KEY (id),
  CONSTRAINT uq_keys_digest UNIQUE (digest)
);

CREATE TABLE secrets (
  name TEXT NOT NULL,
  value BLOB NOT NULL,
  CONSTRAINT pk_secrets PRIMARY KEY (name)
);

CREATE TABLE servers (
  id TEXT NOT NULL,
  started DOUBLE NOT NULL,
  seen DOUBLE NOT NULL,
  CONSTRAINT pk_servers PRIMARY KEY (id)
);

CREATE TABLE work (
  interaction TEXT NOT NULL,
  project TEXT NOT NULL,
  tier SMALLINT NOT NULL,
  ticket INTEGER NOT NULL,
  enqueued DOUBLE NOT NULL,
  state SMALLINT NOT NULL,
  attempts INTEGER NOT NULL,
  deaths INTEGER NOT NULL,
  request BLOB NOT NULL,
  CONSTRAINT pk_work PRIMARY KEY (interaction),
  CONSTRAINT ck_work_state CHECK (state BETWEEN 0 AND 1)
);

CREATE INDEX ix_work_waiting ON work (tier, ticket, enqueued) WHERE state = 0;

CREATE INDEX ix_work_project ON work (project, tier, ticket);

CREATE TABLE usage (
  project TEXT NOT NULL,
  "key" TEXT NOT NULL,
  model TEXT NOT NULL,
  day TEXT NOT NULL,
  interactions INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  output INTEGER NOT NULL,
  thought INTEGER NOT NULL,
  CONSTRAINT pk_usage PRIMARY KEY (project, "key", model, day)
);

CREATE TABLE blobs (
  name TEXT NOT NULL,
  project TEXT NOT NULL,
  digest TEXT NOT NULL,
  size BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  due DOUBLE,
  CONSTRAINT pk_blobs PRIMARY KEY (name),
  CONSTRAINT ck_blobs_state CHECK (state BETWEEN 0 AND 2)
);

CREATE INDEX ix_blobs_due ON blobs (due);

CREATE UNIQUE INDEX ix_blobs_kept ON blobs (project, digest) WHERE state = 1;

CREATE TABLE blob_references (
  holder TEXT NOT NULL,
  blob TEXT NOT NULL,
  CONSTRAINT pk_blob_references PRIMARY KEY (holder, blob)
);

CREATE INDEX ix_blob_references_blob ON blob_references (blob);

CREATE TABLE triggers (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  schedule TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  display_name TEXT NOT NULL,
  interaction BLOB NOT NULL,
  timeout INTEGER NOT NULL,
  most_failures INTEGER NOT NULL,
  status TEXT NOT NULL,
  created DOUBLE NOT NULL,
  updated DOUBLE NOT NULL,
  next DOUBLE,
  failures INTEGER NOT NULL,
  last_run DOUBLE,
  last_pause DOUBLE,
  last_resume DOUBLE,
  last_interaction TEXT, "key" TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_triggers PRIMARY KEY (id)
);

CREATE INDEX ix_triggers_project ON triggers (project, created, id);

CREATE INDEX ix_triggers_next ON triggers (next) WHERE next IS NOT NULL;

CREATE TABLE trigger_executions (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  status TEXT NOT NULL,
  interaction TEXT NOT NULL,
  owner TEXT NOT NULL,
  timeout INTEGER NOT NULL,
  created DOUBLE NOT NULL,
  scheduled DOUBLE,
  started DOUBLE,
  ended DOUBLE,
  error TEXT NOT NULL, tried DOUBLE,
  CONSTRAINT pk_trigger_executions PRIMARY KEY (id)
);

CREATE INDEX ix_trigger_executions_trigger ON trigger_executions ("trigger", created, id);

CREATE UNIQUE INDEX uq_trigger_executions_in_progress ON trigger_executions ("trigger") WHERE status = 'in_progress';

CREATE INDEX ix_trigger_executions_ended ON trigger_executions (ended) WHERE ended IS NOT NULL;

CREATE TABLE usage_added (
  project TEXT NOT NULL,
  "key" TEXT NOT NULL,
  model TEXT NOT NULL,
  day TEXT NOT NULL,
  interactions INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  output INTEGER NOT NULL,
  thought INTEGER NOT NULL
);

CREATE TABLE usage_writers (
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  written DOUBLE NOT NULL,
  CONSTRAINT pk_usage_writers PRIMARY KEY (id)
);

CREATE TABLE limits (
  name TEXT NOT NULL,
  counted BLOB NOT NULL,
  CONSTRAINT pk_limits PRIMARY KEY (name)
);

CREATE TABLE webhooks (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  name TEXT,
  uri TEXT NOT NULL,
  events TEXT NOT NULL,
  state TEXT NOT NULL,
  created DOUBLE NOT NULL,
  updated DOUBLE NOT NULL,
  secrets BLOB NOT NULL,
  healthy DOUBLE NOT NULL,
  CONSTRAINT pk_webhooks PRIMARY KEY (id)
);

CREATE INDEX ix_webhooks_project ON webhooks (project, created, id);

CREATE TABLE deliveries (
  id TEXT NOT NULL,
  project TEXT NOT NULL,
  webhook TEXT,
  uri TEXT,
  lane TEXT NOT NULL,
  type TEXT NOT NULL,
  payload BLOB NOT NULL,
  state SMALLINT NOT NULL,
  created DOUBLE NOT NULL,
  due DOUBLE NOT NULL,
  attempts INTEGER NOT NULL,
  holder TEXT NOT NULL,
  reason TEXT NOT NULL,
  CONSTRAINT pk_deliveries PRIMARY KEY (id),
  CONSTRAINT ck_deliveries_state CHECK (state BETWEEN 0 AND 1)
);

CREATE INDEX ix_deliveries_state ON deliveries (state, due);

CREATE INDEX ix_deliveries_webhook ON deliveries (webhook);

CREATE TABLE cancels (
  interaction TEXT NOT NULL,
  asked DOUBLE NOT NULL,
  CONSTRAINT pk_cancels PRIMARY KEY (interaction)
);

CREATE INDEX ix_interactions_project ON interactions (project, created);

CREATE TABLE events.events (
  interaction TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  payload BLOB NOT NULL,
  CONSTRAINT pk_events PRIMARY KEY (interaction, sequence)
)
 WITHOUT ROWID;

INSERT INTO alembic_version VALUES ('0010');

