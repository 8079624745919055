-- Lists of pipelines: their names, and the order in which they are listed. A page begins at its place in an index, so that a far
-- one costs what the first one does. Texts are searched whatever their case: id_folded and name_folded are in upper case.

ALTER TABLE bamboo_pipelines
    ADD COLUMN name        text COLLATE "C",
    ADD COLUMN id_folded   text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN name_folded text COLLATE "C";

-- A name that PostgreSQL's texts cannot hold, or in a tree that its JSON cannot read, is none.
CREATE FUNCTION bamboo_name_of(p_tree bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    tree json := convert_from(p_tree, 'UTF8')::json;
BEGIN
    RETURN CASE WHEN json_typeof(tree -> 'name') = 'string' THEN replace(left(tree ->> 'name', 500), E'\x01', E'\x01' || '1') END;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;

UPDATE bamboo_pipelines p SET name = bamboo_name_of(t.tree) FROM bamboo_trees t WHERE t.root = p.root;
UPDATE bamboo_pipelines SET id_folded = upper(root_id COLLATE "default"), name_folded = upper(name COLLATE "default");
DROP FUNCTION bamboo_name_of(bytea);

CREATE INDEX bamboo_pipelines_by_time ON bamboo_pipelines (created, root_id);
CREATE INDEX bamboo_pipelines_of_state ON bamboo_pipelines (state, created, root_id);
