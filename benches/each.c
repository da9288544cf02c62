/*
 * each COUNT SOURCE TARGET SUFFIX PROGRAM [ARGUMENT...]: runs a program once for each of COUNT files, one after the other.
 *
 * Standard input is SOURCE/<number>.SUFFIX, standard output TARGET/<number>; an argument `@source` or `@target` becomes that
 * path, `@name` the number. It stands in for the loop of an entrypoint script, and costs less than a shell would.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(char **words, int number, char *source, char *target) {
	static char name[16];
	sprintf(name, "%d", number);
	for (char **word = words; *word; word++) {
		if (strcmp(*word, "@source") == 0)
			*word = source;
		else if (strcmp(*word, "@target") == 0)
			*word = target;
		else if (strcmp(*word, "@name") == 0)
			*word = name;
	}
	int from = open(source, O_RDONLY), to = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (from < 0 || to < 0 || dup2(from, 0) < 0 || dup2(to, 1) < 0)
		_exit(126);
	close(from);
	close(to);
	execv(words[0], words);
	_exit(127);
}

int main(int count, char **arguments) {
	char source[4096], target[4096];
	if (count < 6)
		return 2;
	for (int number = 0; number < atoi(arguments[1]); number++) {
		int status;
		snprintf(source, sizeof source, "%s/%d.%s", arguments[2], number, arguments[4]);
		snprintf(target, sizeof target, "%s/%d", arguments[3], number);
		pid_t child = fork();
		if (child == 0)
			become(arguments + 5, number, source, target);
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			return 1;
	}
	return 0;
}
