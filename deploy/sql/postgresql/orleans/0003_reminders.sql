-- Reminders, for Orleans' ADO.NET reminder service.

-- Ids and names may be as long as an index entry allows (2,700 bytes together), which is more than three ids of a pipeline
-- tree at their longest. A reminder that is set again changes no indexed column.
CREATE TABLE orleans_reminder (
    service_id    text COLLATE "C" NOT NULL,
    grain_id      text COLLATE "C" NOT NULL,
    reminder_name text COLLATE "C" NOT NULL,
    grain_hash    integer NOT NULL,
    version       integer NOT NULL,
    start_time    timestamptz NOT NULL,
    period        bigint NOT NULL, -- in milliseconds
    PRIMARY KEY (service_id, grain_id, reminder_name)
) WITH (fillfactor = 80);

-- Each silo reads the reminders of its ranges of hashes, many small ones, every few minutes and whenever a silo comes or goes.
CREATE INDEX orleans_reminder_by_hash ON orleans_reminder (grain_hash);

INSERT INTO orleansquery (querykey, querytext) VALUES

('UpsertReminderRowKey', $query$
    INSERT INTO orleans_reminder AS reminder (
        service_id, grain_id, reminder_name, grain_hash, version, start_time, period)
    VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, 0, @StartTime, @Period)
    ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE
    SET version = reminder.version + 1, start_time = excluded.start_time, period = excluded.period
    RETURNING version AS Version
$query$),

('ReadReminderRowKey', $query$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM orleans_reminder
    WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName
$query$),

('ReadReminderRowsKey', $query$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM orleans_reminder
    WHERE service_id = @ServiceId AND grain_id = @GrainId
$query$),

-- A range leaves out its beginning and takes in its end.
('ReadRangeRows1Key', $query$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM orleans_reminder
    WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$query$),

-- The same for a range that goes over the end of the ring, or all around it.
('ReadRangeRows2Key', $query$
    SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM orleans_reminder
    WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$query$),

-- Answers 1 or 0.
('DeleteReminderRowKey', $query$
    WITH gone AS (
        DELETE FROM orleans_reminder
        WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version
        RETURNING 1)
    SELECT count(*)::integer FROM gone
$query$),

('DeleteReminderRowsKey', $query$
    DELETE FROM orleans_reminder WHERE service_id = @ServiceId
$query$);
