/* Stands between programs and a server on this machine: hands everything on after a delay, and counts round trips.
 *
 *   proxy PORT-TO-LISTEN-AT PORT-OF-THE-SERVER MICROSECONDS-EACH-WAY FILE-OF-COUNTS
 *
 * The file has two numbers of 64 bits: connections, and round trips of all of them. A round trip begins with the first bytes of
 * the client after bytes of the server, however many messages are sent at once. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct piece {
	struct piece *next;
	int64_t due;
	size_t length, sent;
	char bytes[PIECE];
};

/* One direction: what was read and is not written yet, in order. */
struct way {
	int from, to, ended;
	struct piece *first, *last;
};

static struct counts {
	_Atomic uint64_t connections, trips;
} *counts;

static int64_t delay;

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static int64_t now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct sockaddr_in at(const char *port) {
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void take(struct way *way) {
	struct piece *piece = malloc(sizeof *piece);
	if (!piece) fail("malloc");
	ssize_t length = read(way->from, piece->bytes, PIECE);
	if (length <= 0) {
		free(piece);
		way->ended = 1;
		return;
	}
	piece->next = NULL;
	piece->due = now() + delay;
	piece->length = (size_t)length;
	piece->sent = 0;
	if (way->last) way->last->next = piece;
	else way->first = piece;
	way->last = piece;
}

/* Writes what is due; -1 when nobody takes it any more. */
static int hand_on(struct way *way) {
	while (way->first && way->first->due <= now()) {
		struct piece *piece = way->first;
		while (piece->sent < piece->length) {
			ssize_t sent = write(way->to, piece->bytes + piece->sent, piece->length - piece->sent);
			if (sent < 0) return -1;
			piece->sent += (size_t)sent;
		}
		way->first = piece->next;
		if (!way->first) way->last = NULL;
		free(piece);
	}
	return 0;
}

static void serve(int client, int server) {
	struct way up = {.from = client, .to = server}, down = {.from = server, .to = client};
	struct way *ways[] = {&up, &down};
	int answered = 1, one = 1;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	while (!(up.ended && !up.first) && !(down.ended && !down.first)) {
		struct pollfd polled[2];
		int64_t wait = -1, present = now();
		for (int i = 0; i < 2; i++) {
			polled[i] = (struct pollfd){.fd = ways[i]->ended ? -1 : ways[i]->from, .events = POLLIN};
			if (!ways[i]->first) continue;
			int64_t left = ways[i]->first->due > present ? ways[i]->first->due - present : 0;
			if (wait < 0 || left < wait) wait = left;
		}
		struct timespec limit = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
		if (ppoll(polled, 2, wait < 0 ? NULL : &limit, NULL) < 0 && errno != EINTR) fail("ppoll");
		if (polled[0].revents) {
			take(&up);
			if (answered && !up.ended) counts->trips++;
			answered = 0;
		}
		if (polled[1].revents) {
			take(&down);
			answered = 1;
		}
		if (hand_on(&up) < 0 || hand_on(&down) < 0) break;
	}
	exit(0);
}

int main(int argc, char **argv) {
	if (argc != 5) {
		fprintf(stderr, "usage: proxy PORT SERVER-PORT MICROSECONDS FILE\n");
		return 2;
	}
	delay = atoll(argv[3]) * 1000;
	int file = open(argv[4], O_RDWR | O_CREAT, 0644);
	if (file < 0 || ftruncate(file, sizeof *counts) < 0) fail(argv[4]);
	counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (counts == MAP_FAILED) fail("mmap");
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	struct sockaddr_in here = at(argv[1]), there = at(argv[2]);
	if (bind(listener, (struct sockaddr *)&here, sizeof here) < 0 || listen(listener, 64) < 0) fail("listen");
	for (;;) {
		int client = accept(listener, NULL, NULL);
		if (client < 0) continue;
		counts->connections++;
		if (fork() == 0) {
			int server = socket(AF_INET, SOCK_STREAM, 0);
			if (connect(server, (struct sockaddr *)&there, sizeof there) < 0) fail("connect");
			close(listener);
			serve(client, server);
		}
		close(client);
	}
}
