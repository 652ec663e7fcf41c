import Glibc

/// Runs an actor's jobs on a thread of its own, so that they may block in libpq without holding up a thread of
/// the cooperative pool, and a `PGconn` is only ever touched by one thread.
///
/// The thread ends when the executor is released; a job that waits keeps it alive.
final class ThreadExecutor: SerialExecutor {
  private let inbox: Inbox

  /// Starts the thread; its name is seen in `top -H`, at most 15 bytes.
  init(name: String) throws {
    let inbox = Inbox()
    self.inbox = inbox
    try startThread(name: name) {
      while let jobs = inbox.takeAll() {
        for (job, executor) in jobs {
          job.runSynchronously(on: executor.asUnownedSerialExecutor())
        }
      }
    }
  }

  deinit {
    inbox.end()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    inbox.append(UnownedJob(job), for: self)
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  /// The jobs that wait for the thread.
  ///
  /// `@unchecked Sendable` holds: everything that changes is read and written under the mutex, which stays at
  /// one address because it is allocated apart.
  private final class Inbox: @unchecked Sendable {
    typealias Job = (job: UnownedJob, executor: ThreadExecutor)

    private var waiting: [Job] = []
    private var isEnded = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(arrival, nil)
    }

    deinit {
      pthread_cond_destroy(arrival)
      pthread_mutex_destroy(mutex)
      arrival.deallocate()
      mutex.deallocate()
    }

    func append(_ job: UnownedJob, for executor: ThreadExecutor) {
      pthread_mutex_lock(mutex)
      waiting.append((job, executor))
      pthread_mutex_unlock(mutex)
      pthread_cond_signal(arrival)
    }

    func end() {
      pthread_mutex_lock(mutex)
      isEnded = true
      pthread_mutex_unlock(mutex)
      pthread_cond_signal(arrival)
    }

    /// Waits for jobs. The executors leave with them, so that the last reference to one is never released under
    /// the mutex that `end` takes.
    func takeAll() -> [Job]? {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      while waiting.isEmpty {
        if isEnded { return nil }
        pthread_cond_wait(arrival, mutex)
      }
      var taken: [Job] = []
      swap(&taken, &waiting)
      return taken
    }
  }
}

/// Starts a detached thread with a stack of 512 KB, enough for libpq with TLS.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws {
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, 512 * 1024)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
  var thread = pthread_t()
  let status = pthread_create(
    &thread, &attributes,
    { context in
      guard let context else { return nil }
      let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
      nameThisThread(start.name)
      start.body()
      return nil
    }, start.toOpaque())
  guard status == 0 else {
    start.release()
    throw PostgresError(
      .cannotConnect,
      "no thread could be started for a database connection: \(String(cString: strerror(status))); "
        + "raise the limit of threads (ulimit -u) or use fewer connections")
  }
}

/// Only for people who look at the process: a failure changes nothing.
private func nameThisThread(_ name: String) {
  let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard file >= 0 else { return }
  _ = name.prefix(15).utf8.withContiguousStorageIfAvailable { write(file, $0.baseAddress, $0.count) }
  close(file)
}

private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}
