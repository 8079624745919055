-- The tables of the engine: of an embedded engine that owns the database, or of the silos of a cluster that share it.
--
-- Ids and keys sort by their bytes (COLLATE "C"). A text of PostgreSQL holds no U+0000: an id or key that does has
-- U+0001 '0' in its place, and U+0001 '1' for U+0001. Payloads are JSON in UTF-8 that only the engine understands.
-- There are no foreign keys: they would cost a look-up and a lock of the pipeline's row for each row that is written,
-- where one look-up for each pipeline of a batch does (bamboo_require_roots).
-- Tables whose rows change at each step keep room in their pages, so that a new version of a row stays on its page.

CREATE TABLE bamboo_counters (
    singleton     boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    next_position bigint  NOT NULL, -- of the journal
    owner_epoch   bigint  NOT NULL, -- grows when an embedded engine takes the database; every commit of it names it
    owner         text    NOT NULL  -- who took it last, for people
) WITH (fillfactor = 20);

INSERT INTO bamboo_counters (next_position, owner_epoch, owner) VALUES (1, 0, '');

-- Root numbers of a cluster. An embedded engine counts by itself.
CREATE SEQUENCE bamboo_roots AS bigint;

CREATE TABLE bamboo_pipelines (
    root     bigint PRIMARY KEY,
    root_id  text COLLATE "C" NOT NULL UNIQUE,
    state    text NOT NULL,
    created  timestamptz NOT NULL,
    archived timestamptz, -- when it finished or was revoked

    -- Of a cluster: who holds the pipeline, and whether something may be owed.
    epoch    bigint NOT NULL DEFAULT 0,
    host     text NOT NULL DEFAULT '',
    awake    boolean NOT NULL DEFAULT false,
    asked    text[] COLLATE "C" NOT NULL DEFAULT '{}'
) WITH (fillfactor = 70);

CREATE INDEX bamboo_pipelines_unfinished ON bamboo_pipelines (root) INCLUDE (root_id) WHERE archived IS NULL;
CREATE INDEX bamboo_pipelines_awake ON bamboo_pipelines (root) WHERE awake;
CREATE INDEX bamboo_pipelines_awake_by_host ON bamboo_pipelines (host, root) WHERE awake;

CREATE TABLE bamboo_trees (
    root    bigint PRIMARY KEY,
    tree    bytea NOT NULL,
    options bytea NOT NULL
);

CREATE TABLE bamboo_claims (
    id   text COLLATE "C" PRIMARY KEY,
    root bigint NOT NULL
);

CREATE INDEX bamboo_claims_by_root ON bamboo_claims (root);

CREATE TABLE bamboo_scopes (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
) WITH (fillfactor = 60);

CREATE TABLE bamboo_tokens (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
) WITH (fillfactor = 60);

CREATE TABLE bamboo_nodes (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
) WITH (fillfactor = 70);

CREATE TABLE bamboo_data (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
) WITH (fillfactor = 90);

CREATE TABLE bamboo_context (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
) WITH (fillfactor = 80);

CREATE TABLE bamboo_raw_inputs (
    root bigint NOT NULL, key text COLLATE "C" NOT NULL, payload bytea NOT NULL, PRIMARY KEY (root, key)
);

CREATE TABLE bamboo_histories (
    root     bigint NOT NULL,
    node_id  text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    loop     integer NOT NULL,
    payload  bytea NOT NULL,
    PRIMARY KEY (root, node_id, sequence)
);

CREATE TABLE bamboo_journal (
    position bigint PRIMARY KEY,
    turns    integer NOT NULL CHECK (turns > 0),
    root     bigint NOT NULL,
    payload  bytea NOT NULL
);

CREATE INDEX bamboo_journal_by_root ON bamboo_journal (root, position);

-- Of a cluster: how far the writes of each machine were delivered, in the last delivery from and to.
CREATE TABLE bamboo_machines (
    root     bigint NOT NULL,
    machine  text COLLATE "C" NOT NULL,
    first    bigint NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (root, machine)
) WITH (fillfactor = 60);

CREATE TABLE bamboo_timers (
    root bigint NOT NULL,
    id   text COLLATE "C" NOT NULL,
    due  timestamptz NOT NULL,
    PRIMARY KEY (root, id)
);

CREATE INDEX bamboo_timers_by_due ON bamboo_timers (due);

CREATE FUNCTION bamboo_require_roots(p_roots bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT r INTO missing FROM unnest(p_roots) AS r
    WHERE NOT EXISTS (SELECT FROM bamboo_pipelines p WHERE p.root = r) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'BO002', MESSAGE = format('there is no root pipeline %s', missing);
    END IF;
END
$$;

-- How each commit of an embedded engine begins. The row stays locked to its end, so that nobody takes the database in between.
CREATE FUNCTION bamboo_begin_commit(p_epoch bigint, p_next_position bigint, p_roots bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE bamboo_counters SET next_position = greatest(next_position, p_next_position) WHERE owner_epoch = p_epoch;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'BO001', MESSAGE = 'another engine has taken the store over';
    END IF;

    PERFORM bamboo_require_roots(p_roots);
END
$$;

-- How each write of a silo begins: an embedded engine that owns the database holds this lock alone.
CREATE FUNCTION bamboo_share() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(1114464847, hashtext(current_schema())) THEN
        RAISE EXCEPTION USING ERRCODE = 'BO003', MESSAGE = 'an embedded engine owns the store';
    END IF;
END
$$;

-- How each delivery of a silo begins. All deliveries lock in this order, each kind of row in the order of its key, so that
-- none waits in a circle: the counter (where there are turns: positions go up in the order of commits), the machines, the pipelines.
CREATE FUNCTION bamboo_begin_delivery(
    p_turns bigint, p_roots bigint[], p_locked bigint[],
    p_machine_roots bigint[], p_machines text[], p_firsts bigint[], p_lasts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    machines bigint;
BEGIN
    PERFORM bamboo_share();
    IF p_turns > 0 THEN
        UPDATE bamboo_counters SET next_position = next_position + p_turns;
    END IF;

    IF cardinality(p_machines) > 0 THEN
        INSERT INTO bamboo_machines AS m (root, machine, first, sequence)
        SELECT * FROM unnest(p_machine_roots, p_machines, p_firsts, p_lasts)
        ON CONFLICT (root, machine) DO UPDATE SET first = excluded.first, sequence = excluded.sequence
            WHERE m.sequence < excluded.first;
        GET DIAGNOSTICS machines = ROW_COUNT;
        IF machines <> cardinality(p_machines) THEN
            RAISE EXCEPTION USING ERRCODE = 'BO004', MESSAGE = 'a part of the delivery was made already';
        END IF;

        PERFORM bamboo_require_roots(p_roots);
    END IF;

    PERFORM FROM bamboo_pipelines WHERE root = ANY (p_locked) ORDER BY root FOR NO KEY UPDATE;
END
$$;
