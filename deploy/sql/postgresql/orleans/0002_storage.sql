-- The states of grains, for Orleans' ADO.NET grain storage.

-- One row a grain and state. The provider gives a grain's key as two numbers and a text, any of which may say nothing; a
-- text that is not there is kept as '', so that the whole identity is the primary key. The hashes come first in it: most
-- rows are told apart by four bytes.
-- Nothing else is indexed, and a page is filled to 70 of 100, so that a new version of a state lands beside the old one and
-- touches no index. Keys compare byte by byte ("C"): no two of them are ever the same but for case, and no update of the
-- system's collations can break the index.
CREATE TABLE orleans_storage (
    grain_id_hash   integer NOT NULL,
    grain_type_hash integer NOT NULL,
    grain_id_n0     bigint NOT NULL,
    grain_id_n1     bigint NOT NULL,
    grain_id_text   text COLLATE "C" NOT NULL,
    grain_type      text COLLATE "C" NOT NULL,
    service_id      text COLLATE "C" NOT NULL,
    version         integer NOT NULL,
    modified_on     timestamptz NOT NULL DEFAULT now(),
    payload         bytea,
    PRIMARY KEY (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_id_text, grain_type, service_id)
) WITH (fillfactor = 70);

-- The version is the ETag. A first write brings none and inserts; a later one brings the version it read and updates. Who
-- comes second gets no row back, and the provider makes an InconsistentStateException of that.
CREATE FUNCTION orleans_storage_write(
    the_id_hash integer, the_type_hash integer, the_n0 bigint, the_n1 bigint, the_text text, the_type text, the_service text,
    the_version integer, the_payload bytea)
RETURNS SETOF integer LANGUAGE plpgsql AS $function$
BEGIN
    IF the_version IS NULL THEN
        RETURN QUERY
        INSERT INTO orleans_storage (
            grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_id_text, grain_type, service_id, version, payload)
        VALUES (the_id_hash, the_type_hash, the_n0, the_n1, coalesce(the_text, ''), the_type, the_service, 1, the_payload)
        ON CONFLICT DO NOTHING
        RETURNING version;
    ELSE
        RETURN QUERY
        UPDATE orleans_storage
        SET version = version + 1, modified_on = now(), payload = the_payload
        WHERE grain_id_hash = the_id_hash AND grain_type_hash = the_type_hash
            AND grain_id_n0 = the_n0 AND grain_id_n1 = the_n1 AND grain_id_text = coalesce(the_text, '')
            AND grain_type = the_type AND service_id = the_service AND version = the_version
        RETURNING version;
    END IF;
END
$function$;

INSERT INTO orleansquery (querykey, querytext) VALUES

('WriteToStorageKey', $query$
    SELECT version AS NewGrainStateVersion
    FROM orleans_storage_write(
        @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString, @GrainTypeString, @ServiceId,
        @GrainStateVersion, @PayloadBinary) AS version
$query$),

('ReadFromStorageKey', $query$
    SELECT payload AS PayloadBinary, version AS Version
    FROM orleans_storage
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
        AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1 AND grain_id_text = coalesce(@GrainIdExtensionString, '')
        AND grain_type = @GrainTypeString AND service_id = @ServiceId
$query$),

-- A state that was cleared keeps its row and its version, so that a stale activation cannot write it anew.
('ClearStorageKey', $query$
    UPDATE orleans_storage
    SET version = version + 1, modified_on = now(), payload = NULL
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
        AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1 AND grain_id_text = coalesce(@GrainIdExtensionString, '')
        AND grain_type = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion
$query$),

-- The provider takes the answer for a new version, so it has to differ from the one it brought.
('DeleteStorageKey', $query$
    DELETE FROM orleans_storage
    WHERE grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash
        AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1 AND grain_id_text = coalesce(@GrainIdExtensionString, '')
        AND grain_type = @GrainTypeString AND service_id = @ServiceId AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion
$query$);
