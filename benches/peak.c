/*
 * peak FD PROGRAM [ARGUMENT...]: runs a program and writes its wall nanoseconds, peak resident KiB and wait status to FD.
 *
 * A child's peak starts at the size of the process it was forked from. So the parent has to be small: this one, not Python.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **arguments) {
	struct timespec start, end;
	struct rusage usage;
	int status;
	if (count < 3)
		return 2;
	int report = atoi(arguments[1]);
	fcntl(report, F_SETFD, FD_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid_t child = fork();
	if (child == 0) {
		execv(arguments[2], arguments + 2);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	long long elapsed = (end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec);
	return dprintf(report, "%lld %ld %d\n", elapsed, usage.ru_maxrss, status) < 0;
}
