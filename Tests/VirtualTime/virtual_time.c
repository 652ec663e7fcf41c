#define _GNU_SOURCE
#include "virtual_time.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>

static int is_virtual = 0;
static int64_t now = 0;
static uint64_t state = 0;

void virtual_time_begin(int64_t nanoseconds, uint64_t seed) {
  now = nanoseconds;
  state = seed;
  is_virtual = 1;
}

int64_t virtual_time_now(void) { return now; }

void virtual_time_move(int64_t nanoseconds) {
  if (nanoseconds > now) now = nanoseconds;
}

// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
uint64_t virtual_chance(void) {
  uint64_t word = (state += 0x9e3779b97f4a7c15ULL);
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
  return word ^ (word >> 31);
}

uint64_t virtual_chance_state(void) { return state; }

static void fill(void *bytes, size_t count) {
  unsigned char *place = bytes;
  while (count > 0) {
    uint64_t word = virtual_chance();
    size_t part = count < sizeof word ? count : sizeof word;
    memcpy(place, &word, part);
    place += part;
    count -= part;
  }
}

// Time

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!is_virtual) {
    static int (*real)(clockid_t, struct timespec *) = NULL;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    return real(clock, time);
  }
  time->tv_sec = now / 1000000000;
  time->tv_nsec = now % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec precise;
  (void)zone;
  int status = clock_gettime(CLOCK_REALTIME, &precise);
  time->tv_sec = precise.tv_sec;
  time->tv_usec = precise.tv_nsec / 1000;
  return status;
}

// Chance

long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (is_virtual && number == SYS_getrandom) {
    fill((void *)a, (size_t)b);
    return b;
  }
  static long (*real)(long, ...) = NULL;
  if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  return real(number, a, b, c, d, e, f);
}

ssize_t getrandom(void *bytes, size_t count, unsigned flags) {
  return syscall(SYS_getrandom, bytes, count, flags);
}

int getentropy(void *bytes, size_t count) {
  return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : -1;
}

void swift_stdlib_random(void *bytes, size_t count) { (void)getrandom(bytes, count, 0); }

void _foundation_uuid_generate_random(unsigned char uuid[16]) {
  (void)getrandom(uuid, 16, 0);
  // RFC 9562: version 4 of the variant 10.
  uuid[6] = (uuid[6] & 0x0f) | 0x40;
  uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

// The machine

// How many processors there are decides how much is done at once, so it is the same everywhere. Foundation looks for
// limits of control groups first (swift-corelibs-foundation, ProcessInfo.activeProcessorCount): there are none.
int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (is_virtual && strncmp(path, "/sys/fs/cgroup/", 15) == 0) {
    errno = ENOENT;
    return -1;
  }
  static int (*real)(const char *, int, ...) = NULL;
  if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  return real(path, flags, mode);
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set) {
  if (!is_virtual) {
    static int (*real)(pid_t, size_t, cpu_set_t *) = NULL;
    if (!real) real = (int (*)(pid_t, size_t, cpu_set_t *))dlsym(RTLD_NEXT, "sched_getaffinity");
    return real(process, size, set);
  }
  memset(set, 0, size);
  for (int processor = 0; processor < 4; processor++) CPU_SET_S(processor, size, set);
  return 0;
}
