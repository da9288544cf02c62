/* nothing [wait]: ends at once and well, or waits for a signal. The application that others are measured with. */
#include <unistd.h>

int main(int count, char **arguments) {
	(void)arguments;
	if (count > 1)
		pause();
	return 0;
}
