-- Removing finished pipelines. A removed one leaves bamboo_pipelines at once, so that no read finds anything of it; its other rows
-- go a few at a time, and with the last of them its ids become free.

CREATE TABLE bamboo_removed (
    root    bigint PRIMARY KEY,
    root_id text COLLATE "C" NOT NULL
);

CREATE INDEX bamboo_pipelines_archived ON bamboo_pipelines (archived, root) WHERE archived IS NOT NULL;

CREATE FUNCTION bamboo_remove(p_roots bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    unfinished bigint;
BEGIN
    SELECT root INTO unfinished FROM bamboo_pipelines WHERE root = ANY (p_roots) AND archived IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'BO005', MESSAGE = format('the root pipeline %s is not finished, and cannot be removed', unfinished);
    END IF;

    -- No number is given twice: what was removed leaves no row to count from.
    PERFORM setval('bamboo_roots', m.root)
    FROM (SELECT max(root) AS root FROM bamboo_pipelines) m, bamboo_roots r
    WHERE m.root > r.last_value OR (m.root = r.last_value AND NOT r.is_called);

    WITH gone AS (DELETE FROM bamboo_pipelines WHERE root = ANY (p_roots) RETURNING root, root_id)
    INSERT INTO bamboo_removed (root, root_id) SELECT root, root_id FROM gone;
END
$$;

-- Deletes about p_rows rows of removed pipelines, and says how many went; 0 where there are none.
CREATE FUNCTION bamboo_remove_rows(p_rows bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    tables  text[] := ARRAY[
        'bamboo_scopes', 'bamboo_tokens', 'bamboo_nodes', 'bamboo_data', 'bamboo_context', 'bamboo_raw_inputs', 'bamboo_histories',
        'bamboo_journal', 'bamboo_machines', 'bamboo_timers'];
    rest    bigint := p_rows;
    table_name text;
    removed record;
    gone    bigint;
BEGIN
    FOR removed IN SELECT root, root_id FROM bamboo_removed ORDER BY root LOOP
        FOREACH table_name IN ARRAY tables LOOP
            EXIT WHEN rest <= 0;
            EXECUTE format(
                'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE root = $1 LIMIT $2))', table_name)
                USING removed.root, rest;
            GET DIAGNOSTICS gone = ROW_COUNT;
            rest := rest - gone;
        END LOOP;

        EXIT WHEN rest <= 0;
        DELETE FROM bamboo_claims WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM bamboo_claims WHERE root = removed.root AND id <> removed.root_id LIMIT rest));
        GET DIAGNOSTICS gone = ROW_COUNT;
        rest := rest - gone;

        -- The pipeline's own id goes last, and so stays taken while anything of the pipeline is there.
        EXIT WHEN rest <= 0;
        DELETE FROM bamboo_claims WHERE root = removed.root;
        DELETE FROM bamboo_trees WHERE root = removed.root;
        DELETE FROM bamboo_removed WHERE root = removed.root;
        rest := rest - 1;
        EXIT WHEN rest <= 0;
    END LOOP;

    RETURN p_rows - rest;
END
$$;
