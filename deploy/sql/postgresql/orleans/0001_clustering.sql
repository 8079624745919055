-- Which silos there are, for Orleans' ADO.NET clustering, and the table from which all of its ADO.NET providers take their
-- statements. Names of parameters and of result columns are the provider's; everything else is ours to choose.

-- The one table that the providers name themselves.
CREATE TABLE orleansquery (
    querykey  text COLLATE "C" PRIMARY KEY,
    querytext text NOT NULL
);

-- One row a cluster. Every change of the membership carries the version that it was decided on.
CREATE TABLE orleans_cluster (
    cluster_id text COLLATE "C" PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0,
    changed_on timestamptz NOT NULL DEFAULT now()
);

-- One row a silo that is or was. A silo that comes back on the same address is another one: its generation differs.
-- Each silo updates its own row every few seconds; room is left on the page so that this stays off the index.
CREATE TABLE orleans_silo (
    cluster_id    text COLLATE "C" NOT NULL REFERENCES orleans_cluster ON DELETE CASCADE,
    address       text COLLATE "C" NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,
    silo_name     text NOT NULL,
    host_name     text NOT NULL,
    status        integer NOT NULL,
    proxy_port    integer NOT NULL,
    suspect_times text,
    start_time    timestamptz NOT NULL,
    alive_time    timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
) WITH (fillfactor = 50);

INSERT INTO orleansquery (querykey, querytext) VALUES

-- Answers 1 where the row was made, 0 where it was there.
('InsertMembershipVersionKey', $query$
    WITH made AS (
        INSERT INTO orleans_cluster (cluster_id) VALUES (@DeploymentId)
        ON CONFLICT DO NOTHING
        RETURNING 1)
    SELECT count(*)::integer FROM made
$query$),

-- The version is raised first, and only from the expected one: of two silos that decided on the same version, one waits for
-- the other's row lock, finds the version gone, and changes nothing. Answers 1 or 0.
('InsertMembershipKey', $query$
    WITH raised AS (
        UPDATE orleans_cluster SET version = version + 1, changed_on = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND NOT EXISTS (
            SELECT FROM orleans_silo
            WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id),
    made AS (
        INSERT INTO orleans_silo (
            cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_time)
        SELECT
            cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        FROM raised
        RETURNING 1)
    SELECT count(*)::integer FROM made
$query$),

('UpdateMembershipKey', $query$
    WITH raised AS (
        UPDATE orleans_cluster SET version = version + 1, changed_on = now()
        WHERE cluster_id = @DeploymentId AND version = @Version AND EXISTS (
            SELECT FROM orleans_silo
            WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
        RETURNING cluster_id),
    changed AS (
        UPDATE orleans_silo AS silo
        SET status = @Status, suspect_times = @SuspectTimes, alive_time = @IAmAliveTime
        FROM raised
        WHERE silo.cluster_id = raised.cluster_id
            AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
        RETURNING 1)
    SELECT count(*)::integer FROM changed
$query$),

-- No decision of the cluster, so the version stays.
('UpdateIAmAlivetimeKey', $query$
    UPDATE orleans_silo SET alive_time = @IAmAliveTime
    WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$),

-- The version comes back even where no silo matches: one row, whose silo is null.
('MembershipReadRowKey', $query$
    SELECT
        silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.silo_name AS SiloName,
        silo.host_name AS HostName, silo.status AS Status, silo.proxy_port AS ProxyPort, silo.suspect_times AS SuspectTimes,
        silo.start_time AS StartTime, silo.alive_time AS IAmAliveTime, cluster.version AS Version
    FROM orleans_cluster AS cluster
    LEFT JOIN orleans_silo AS silo ON silo.cluster_id = cluster.cluster_id
        AND silo.address = @Address AND silo.port = @Port AND silo.generation = @Generation
    WHERE cluster.cluster_id = @DeploymentId
$query$),

('MembershipReadAllKey', $query$
    SELECT
        silo.address AS Address, silo.port AS Port, silo.generation AS Generation, silo.silo_name AS SiloName,
        silo.host_name AS HostName, silo.status AS Status, silo.proxy_port AS ProxyPort, silo.suspect_times AS SuspectTimes,
        silo.start_time AS StartTime, silo.alive_time AS IAmAliveTime, cluster.version AS Version
    FROM orleans_cluster AS cluster
    LEFT JOIN orleans_silo AS silo ON silo.cluster_id = cluster.cluster_id
    WHERE cluster.cluster_id = @DeploymentId
$query$),

('GatewaysQueryKey', $query$
    SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
    FROM orleans_silo
    WHERE cluster_id = @DeploymentId AND status = @Status AND proxy_port > 0
$query$),

-- 3 is the status of an active silo: one that is active goes only when it was declared dead.
('CleanupDefunctSiloEntriesKey', $query$
    DELETE FROM orleans_silo WHERE cluster_id = @DeploymentId AND status <> 3 AND alive_time < @IAmAliveTime
$query$),

('DeleteMembershipTableEntriesKey', $query$
    DELETE FROM orleans_cluster WHERE cluster_id = @DeploymentId
$query$);
