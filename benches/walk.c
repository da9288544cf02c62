/* The floor for `own`: a walk with the fewest system calls, and nothing that makes it safe or tells what went wrong. Two levels
 * of queueing, no bound on descriptors, no post-order, no look at hard links or mounts.
 *
 *   walk check|blind USER:GROUP THREADS DIRECTORY
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
    unsigned long long inode;
    long long offset;
    unsigned short length;
    unsigned char kind;
    char name[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int *queue, waiting, room, working;
static int check;
static unsigned user, group;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void add(int fd) {
    pthread_mutex_lock(&lock);
    if (waiting == room && !(queue = realloc(queue, sizeof *queue * (room = room ? room * 2 : 1024))))
        fail("realloc");
    queue[waiting++] = fd;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&changed);
}

static int next(void) {
    int fd = -1;
    pthread_mutex_lock(&lock);
    while (waiting == 0 && working > 0)
        pthread_cond_wait(&changed, &lock);
    if (waiting > 0) {
        fd = queue[--waiting];
        working++;
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static void done(void) {
    pthread_mutex_lock(&lock);
    if (--working == 0 && waiting == 0)
        pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void change(int fd, const char *name) {
    struct stat found;
    if (check) {
        if (fstatat(fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
            fail(name);
        if (found.st_uid == user && found.st_gid == group)
            return;
    }
    if (fchownat(fd, name, user, group, AT_SYMLINK_NOFOLLOW) != 0)
        fail(name);
}

static void *work(void *unused) {
    char *buffer = malloc(1 << 18);
    int fd;
    while ((fd = next()) >= 0) {
        long length;
        while ((length = syscall(SYS_getdents64, fd, buffer, 1 << 18)) > 0)
            for (long at = 0; at < length;) {
                struct entry *entry = (struct entry *)(buffer + at);
                at += entry->length;
                if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
                    continue;
                if (entry->kind == DT_DIR) {
                    int child = openat(fd, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                    if (child < 0)
                        fail(entry->name);
                    add(child);
                }
                change(fd, entry->name);
            }
        if (length < 0)
            fail("getdents64");
        close(fd);
        done();
    }
    return unused;
}

int main(int count, char **words) {
    pthread_t threads[64];
    if (count != 5 || sscanf(words[2], "%u:%u", &user, &group) != 2) {
        fprintf(stderr, "usage: walk check|blind USER:GROUP THREADS DIRECTORY\n");
        return 2;
    }
    check = strcmp(words[1], "check") == 0;
    int number = atoi(words[3]), top = open(words[4], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (top < 0 || number < 1 || number > 64)
        fail(words[4]);
    change(AT_FDCWD, words[4]);
    add(top);
    for (int index = 0; index < number; index++)
        pthread_create(&threads[index], NULL, work, NULL);
    for (int index = 0; index < number; index++)
        pthread_join(threads[index], NULL);
    return 0;
}
