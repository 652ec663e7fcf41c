#ifndef ODEUM_VIRTUAL_TIME_H
#define ODEUM_VIRTUAL_TIME_H

#include <stdint.h>

// Time and chance of a whole process, in place of those of the system: every clock stands still until it is moved, and
// every random number follows from a seed. It has four processors. For programs of one thread.
//
// It works by functions of the C library that a program's own definitions stand in for (clock_gettime, gettimeofday,
// getrandom, getentropy, syscall, sched_getaffinity, open), and by two of Swift's and Foundation's (swift_stdlib_random,
// _foundation_uuid_generate_random). Before virtual_time_begin they do what they always do.

// From here on clocks show `nanoseconds` since 1970, and chance follows from `seed`.
void virtual_time_begin(int64_t nanoseconds, uint64_t seed);

// What the clocks show.
int64_t virtual_time_now(void);

// Moves the clocks forward.
void virtual_time_move(int64_t nanoseconds);

// The next random number.
uint64_t virtual_chance(void);

// What the next random numbers follow from: another one after each of them.
uint64_t virtual_chance_state(void);

#endif
