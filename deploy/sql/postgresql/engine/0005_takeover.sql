-- Whoever takes the database goes on with what its last owner left, where the tables hold all of it: the states of machines are in them,
-- unless the owner was a cluster whose grains keep their states in Orleans' grain storage.

CREATE FUNCTION bamboo_check_owner(p_owner text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    elsewhere CONSTANT text := 'a cluster';
    previous  text;
BEGIN
    SELECT owner INTO previous FROM bamboo_counters FOR UPDATE;
    IF previous <> '' AND (previous = elsewhere) <> (p_owner = elsewhere) AND EXISTS (SELECT FROM bamboo_pipelines WHERE archived IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'BO006', MESSAGE = CASE WHEN previous = elsewhere
            THEN 'unfinished pipelines have their states in the grain storage of a cluster (storage.kind adonet)'
            ELSE 'unfinished pipelines have their states in these tables, and not in grain storage (storage.kind adonet)' END;
    END IF;
END
$$;

-- A cluster takes the database, unless it had it last. What an embedded engine left unfinished is awake; its timers are set anew, as it keeps
-- no table of them; and a silo of an earlier cluster that was cut off and comes back is late with every write.
CREATE FUNCTION bamboo_take_over(p_owner text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bamboo_share();
    PERFORM bamboo_check_owner(p_owner);
    UPDATE bamboo_counters SET owner_epoch = owner_epoch + 1, owner = p_owner WHERE owner <> p_owner;
    IF FOUND THEN
        DELETE FROM bamboo_timers;
        UPDATE bamboo_machines m SET first = m.sequence + 1, sequence = m.sequence + 1
        FROM bamboo_pipelines p WHERE p.root = m.root AND p.archived IS NULL;
        UPDATE bamboo_pipelines SET awake = true, host = '' WHERE archived IS NULL;
    END IF;

    -- Only forward: a number that a silo took in this moment stands in no row yet.
    PERFORM setval('bamboo_roots', m.root)
    FROM (SELECT max(root) AS root FROM bamboo_pipelines) m, bamboo_roots r
    WHERE m.root > r.last_value OR (m.root = r.last_value AND NOT r.is_called);
END
$$;
