import FoundationEssentials
import Postgres

extension PostgresWorkStore {
  func write(_ lines: [PendingLine]) async throws {
    try await database.query(
      """
      WITH new AS (
        SELECT said.*, row_number() OVER (PARTITION BY said.job ORDER BY said.number) AS place
        FROM unnest(
          \(lines.map(\.job)), \(lines.map(\.lease)), \(lines.map(\.at)), \(lines.map(\.level.rawValue)),
          \(lines.map(\.step)), \(lines.map(\.position)), \(lines.map(\.line))
        ) WITH ORDINALITY AS said (job, lease, at, level, step, position, line, number)
        JOIN job ON job.id = said.job AND job.lease = said.lease
      ), last AS (
        SELECT jobs.job, coalesce(max(job_log.seq), 0) AS seq
        FROM (SELECT DISTINCT job FROM new) AS jobs LEFT JOIN job_log ON job_log.job = jobs.job
        GROUP BY jobs.job
      ), written AS (
        INSERT INTO job_log (job, seq, at, level, step, line)
        SELECT new.job, last.seq + new.place, new.at, new.level, new.step, new.line
        FROM new JOIN last ON last.job = new.job
      ), steps AS (
        INSERT INTO job_step (job, position, name, state)
        SELECT DISTINCT job, position, step, 'running' FROM new WHERE step IS NOT NULL
        ON CONFLICT DO NOTHING
      )
      SELECT pg_notify(\(JobChannel.progress), string_agg(job::text, ',')) FROM last
      """)
  }

  func write(_ progress: [PendingProgress]) async throws {
    try await database.query(
      """
      WITH written AS (
        INSERT INTO job_step (job, position, name, state, progress, progress_text)
        SELECT said.job, said.position, said.step, 'running', said.fraction, said.text
        FROM unnest(
          \(progress.map(\.job)), \(progress.map(\.lease)), \(progress.map(\.step)),
          \(progress.map(\.position)), \(progress.map(\.fraction)), \(progress.map(\.text))
        ) AS said (job, lease, step, position, fraction, text)
        JOIN job ON job.id = said.job AND job.lease = said.lease
        ON CONFLICT (job, name) DO UPDATE
          SET progress = excluded.progress, progress_text = excluded.progress_text
        RETURNING job
      )
      SELECT pg_notify(\(JobChannel.progress), string_agg(job::text, ',')) FROM written
      """)
  }
}
