-- Removing finished pipelines while silos run: only those at rest, so that everything of them was delivered and nothing is owed; and the
-- rows of some only, as the states of grains that are kept elsewhere have to go before the ids are free.

CREATE FUNCTION bamboo_remove_resting(p_roots bigint[]) RETURNS SETOF bigint LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM bamboo_pipelines WHERE root = ANY (p_roots) AND archived IS NOT NULL AND NOT awake RETURNING root, root_id)
    INSERT INTO bamboo_removed (root, root_id) SELECT root, root_id FROM gone RETURNING root
$$;

-- Deletes about p_rows rows of removed pipelines among p_roots, and says how many went; 0 where there are none.
CREATE FUNCTION bamboo_remove_rows(p_rows bigint, p_roots bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    tables  text[] := ARRAY[
        'bamboo_scopes', 'bamboo_tokens', 'bamboo_nodes', 'bamboo_data', 'bamboo_context', 'bamboo_raw_inputs', 'bamboo_histories',
        'bamboo_journal', 'bamboo_machines', 'bamboo_timers'];
    rest    bigint := p_rows;
    table_name text;
    removed record;
    gone    bigint;
BEGIN
    FOR removed IN SELECT root, root_id FROM bamboo_removed WHERE root = ANY (p_roots) ORDER BY root LOOP
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

CREATE OR REPLACE FUNCTION bamboo_remove_rows(p_rows bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT bamboo_remove_rows(p_rows, ARRAY(SELECT root FROM bamboo_removed))
$$;

-- Nobody asks by host.
DROP INDEX bamboo_pipelines_awake_by_host;
