/*
 * starts FD ROUNDS PROGRAM [ARGUMENT...] [:: PROGRAM [ARGUMENT...]]...: starts programs in turn and waits for each.
 *
 * Writes a line for each round to FD: the wall nanoseconds of each program, from before the start until the end is known.
 * vfork and a parent of a few pages, so that what is measured is the program. Asks the kernel to prefer it to what else runs
 * on the machine; without the right for that it goes on.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 64 };

static long long now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long start(char **words) {
	int status;
	long long before = now();
	pid_t child = vfork();
	if (child == 0) {
		execv(words[0], words);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		dprintf(2, "starts: %s ended with wait status %d\n", words[0], status);
		exit(1);
	}
	return now() - before;
}

int main(int count, char **arguments) {
	char **programs[MOST];
	int report = atoi(arguments[1]), rounds = atoi(arguments[2]), known = 0;
	for (int at = 3; at < count && known < MOST; at++) {
		programs[known++] = arguments + at;
		while (at < count && strcmp(arguments[at], "::") != 0)
			at++;
		arguments[at] = NULL;
	}
	struct sched_param priority = {.sched_priority = 10};
	sched_setscheduler(0, SCHED_FIFO, &priority);
	fcntl(report, F_SETFD, FD_CLOEXEC);
	for (int program = 0; program < known; program++)
		start(programs[program]);
	for (int round = 0; round < rounds; round++) {
		for (int program = 0; program < known; program++)
			dprintf(report, "%lld ", start(programs[program]));
		dprintf(report, "\n");
	}
	return 0;
}
