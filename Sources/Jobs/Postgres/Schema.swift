import Postgres

extension JobQueue {
  /// The tables of the queue; they come before those of the domain.
  public static let migrations: [Migration] = [
    Migration("0001 jobs, their steps, logs and workers", list: "jobs", sql: firstSchema),
    Migration(
      "0002 steps that wait for what is away", list: "jobs",
      sql: "ALTER TABLE job_step ADD awaiting_since timestamptz"),
    Migration("0003 lanes", list: "jobs", sql: lanes),
    Migration("0004 a fair turn for every organisation", list: "jobs", sql: lines),
    Migration("0005 durations that no clock can change", list: "jobs", sql: durations),
    Migration("0006 jobs of a lane that is gone", list: "jobs", sql: lanesThatGo),
  ]

  private static let durations: StaticString = """
    ALTER TABLE job_step
      ADD spent interval NOT NULL DEFAULT '0',
      ADD awaited interval NOT NULL DEFAULT '0',
      ADD left_at timestamptz,
      ADD pause interval;
    COMMENT ON COLUMN job_step.spent IS
      'what its workers measured by their own clocks, when they left it: pauses before the last one included';
    COMMENT ON COLUMN job_step.awaited IS 'of what it waits for since awaiting_since: measured in the same way';
    COMMENT ON COLUMN job_step.pause IS
      'how long it was to pause from left_at on: of that, as much counts as the clock of the database says';
    """

  /// Each line of jobs that wait, of one organisation in one lane with one priority, is together in the index.
  private static let lines: StaticString = """
    CREATE INDEX job_line ON job (
      priority,
      coalesce(lane, '00000000-0000-0000-0000-000000000000'),
      coalesce(organisation, '00000000-0000-0000-0000-000000000000'),
      run_at, id
    ) WHERE state IN ('queued', 'snoozed') AND waits_for IS NULL;
    DROP INDEX job_claimable;
    """

  private static let lanesThatGo: StaticString = """
    CREATE FUNCTION job_lane_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE job SET lane = NULL WHERE lane = old.id AND state IN ('queued', 'running', 'snoozed');
        PERFORM pg_notify('odeum_job', '');
        RETURN NULL;
      END
    $$;
    -- Nobody can hold it any more, and its jobs are to end all the same: as their kinds say, without what is gone.
    CREATE TRIGGER job_lane_is_gone AFTER DELETE ON job_lane FOR EACH ROW EXECUTE FUNCTION job_lane_is_gone();
    UPDATE job SET lane = NULL WHERE lane IS NOT NULL AND state IN ('queued', 'running', 'snoozed')
      AND NOT EXISTS (SELECT FROM job_lane WHERE id = job.lane);
    """

  private static let lanes: StaticString = """
    ALTER TABLE job_worker ADD keeps_lanes boolean NOT NULL DEFAULT false;
    CREATE TABLE job_lane (
      id uuid PRIMARY KEY,
      -- The machine to whose workers it is bound; null is to none.
      machine text,
      holder uuid REFERENCES job_worker ON DELETE SET NULL,
      -- Raised whenever the lane changes hands.
      epoch bigint NOT NULL DEFAULT 0
    );
    CREATE INDEX job_lane_holder ON job_lane (holder);
    ALTER TABLE job ADD lane uuid;
    COMMENT ON COLUMN job.lane IS 'only the worker that holds this lane does the job; null: any worker';
    """

  private static let firstSchema: StaticString = """
    CREATE TABLE job_worker (
      id uuid PRIMARY KEY,
      host text NOT NULL,
      process int NOT NULL,
      -- Raised by the worker as long as it lives. Others judge its changes by their own monotonic clocks.
      beat bigint NOT NULL DEFAULT 0,
      registered_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 50);

    CREATE TABLE job (
      id uuid PRIMARY KEY,
      kind text NOT NULL,
      body jsonb NOT NULL,
      state text NOT NULL DEFAULT 'queued'
        CONSTRAINT job_state CHECK (
          state IN ('queued', 'running', 'snoozed', 'succeeded', 'failed', 'cancelled')),
      priority smallint NOT NULL DEFAULT 0,
      run_at timestamptz NOT NULL DEFAULT now(),
      subject uuid,
      organisation uuid,
      requested_by text,
      idempotency_key text,
      -- The job that must end first, and the other way round: who takes this one's place.
      waits_for uuid,
      superseded_by uuid,
      cancel_requested boolean NOT NULL DEFAULT false,
      -- Set as soon as the job goes backwards: how it will end when everything is undone, and why.
      undo_to text CONSTRAINT job_undo_to CHECK (undo_to IN ('failed', 'cancelled')),
      undo_reason text,
      reason text,
      worker uuid,
      -- The fencing token: raised whenever the job changes hands.
      lease bigint NOT NULL DEFAULT 0,
      attempt int NOT NULL DEFAULT 1,
      interruptions int NOT NULL DEFAULT 0,
      wakes int NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_at timestamptz,
      finished_at timestamptz,
      CONSTRAINT job_running_has_worker CHECK ((state = 'running') = (worker IS NOT NULL)),
      CONSTRAINT job_final_has_end CHECK (
        (state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
      CONSTRAINT job_failed_has_reason CHECK (state <> 'failed' OR reason IS NOT NULL),
      CONSTRAINT job_waits_unstarted CHECK (waits_for IS NULL OR state = 'queued')
    ) WITH (
      autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
      autovacuum_analyze_scale_factor = 0.05
    );

    CREATE INDEX job_claimable ON job (priority, run_at, id)
      WHERE state IN ('queued', 'snoozed') AND waits_for IS NULL;
    CREATE INDEX job_running ON job (worker) WHERE state = 'running';
    CREATE INDEX job_cancelling ON job (id)
      WHERE cancel_requested AND state IN ('queued', 'running', 'snoozed');
    CREATE INDEX job_waiting ON job (waits_for) WHERE waits_for IS NOT NULL;
    CREATE UNIQUE INDEX job_active_subject ON job (subject)
      WHERE subject IS NOT NULL AND superseded_by IS NULL AND state IN ('queued', 'running', 'snoozed');
    CREATE UNIQUE INDEX job_idempotency_key ON job (idempotency_key) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX job_of_subject ON job (subject, id) WHERE subject IS NOT NULL;
    CREATE INDEX job_of_organisation ON job (organisation, id) WHERE organisation IS NOT NULL;

    CREATE TABLE job_step (
      job uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      position int NOT NULL,
      name text NOT NULL,
      state text NOT NULL
        CONSTRAINT job_step_state CHECK (state IN ('running', 'waiting', 'done', 'failed', 'undone')),
      progress float8 CONSTRAINT job_step_progress CHECK (progress BETWEEN 0 AND 1),
      progress_text text,
      started_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      PRIMARY KEY (job, name)
    );

    CREATE TABLE job_log (
      job uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      seq bigint NOT NULL,
      at timestamptz NOT NULL,
      level text NOT NULL
        CONSTRAINT job_log_level CHECK (level IN ('output', 'info', 'warning', 'error')),
      step text,
      line text NOT NULL,
      PRIMARY KEY (job, seq)
    );

    CREATE FUNCTION job_wake() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('odeum_job', '');
        RETURN NULL;
      END
    $$;
    CREATE TRIGGER job_wake AFTER INSERT ON job FOR EACH STATEMENT EXECUTE FUNCTION job_wake();
    """
}

/// The channels of NOTIFY. All of them only wake: whoever misses one finds out by looking.
enum JobChannel {
  /// There may be something to claim.
  static let wake = "odeum_job"
  /// Someone asked for the end of the job that the payload names.
  static let cancel = "odeum_job_cancel"
  /// A lane has become free, or is new.
  static let lanes = "odeum_job_lanes"
  /// The jobs whose numbers are in the payload, separated by commas, have got further.
  static let progress = "odeum_job_progress"
}
