/* A disk that keeps what was synced and nothing else, and that fails when it is told to.
 *
 * Loaded in front of the C library (LD_PRELOAD). Under DISK_ROOT, a sync of a file copies its bytes to
 * DISK_SHADOW/data/<inode>, and a sync of a folder writes its names to DISK_SHADOW/names; the rest of what was
 * written is what a power loss takes. DISK_FAIL_SYNC=n: the nth sync of a segment fails once, and later syncs of that
 * file succeed without keeping anything, as Linux does. DISK_FULL=n,m: writes n to m of segments find no space. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int syncs, writes;
static ino_t poisoned;

static int under_root(int fd, char *path, size_t size) {
    const char *root = getenv("DISK_ROOT");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (root == NULL || length < 0) return 0;
    path[length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

static int is_segment(const char *path) {
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".seg") == 0;
}

static void keep_file(const char *path, ino_t inode) {
    char to[4096], temporary[4200], buffer[65536];
    snprintf(to, sizeof to, "%s/data/%lu", getenv("DISK_SHADOW"), (unsigned long)inode);
    snprintf(temporary, sizeof temporary, "%s.new", to);
    int in = open(path, O_RDONLY), out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t part;
    while (in >= 0 && out >= 0 && (part = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, part) != part) abort();
    close(in);
    close(out);
    rename(temporary, to);
}

/* Lines of `folder <tab> name <tab> inode`, one file a folder. */
static void keep_names(const char *path, ino_t inode) {
    char to[4096], temporary[4200];
    snprintf(to, sizeof to, "%s/names/%lu", getenv("DISK_SHADOW"), (unsigned long)inode);
    snprintf(temporary, sizeof temporary, "%s.new", to);
    FILE *out = fopen(temporary, "w");
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (out != NULL && folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_type == DT_REG)
            fprintf(out, "%s\t%s\t%lu\n", path, entry->d_name, (unsigned long)entry->d_ino);
    if (folder != NULL) closedir(folder);
    if (out != NULL) fclose(out);
    rename(temporary, to);
}

static int keep(int fd, const char *call) {
    char path[4096];
    struct stat about;
    if (!under_root(fd, path, sizeof path) || fstat(fd, &about) != 0) {
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
        return real(fd);
    }
    int result = 0;
    pthread_mutex_lock(&lock);
    if (S_ISDIR(about.st_mode)) {
        keep_names(path, about.st_ino);
    } else if (about.st_ino != poisoned) {
        const char *fail = getenv("DISK_FAIL_SYNC");
        if (is_segment(path) && fail != NULL && ++syncs == atoi(fail)) {
            poisoned = about.st_ino;
            result = -1;
        } else {
            keep_file(path, about.st_ino);
        }
    }
    pthread_mutex_unlock(&lock);
    if (result != 0) errno = EIO;
    return result;
}

int fsync(int fd) { return keep(fd, "fsync"); }

int fdatasync(int fd) { return keep(fd, "fdatasync"); }

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    ssize_t (*real)(int, const void *, size_t, off64_t) =
        (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    const char *full = getenv("DISK_FULL");
    char path[4096];
    int from, to;
    if (full != NULL && sscanf(full, "%d,%d", &from, &to) == 2 && under_root(fd, path, sizeof path) && is_segment(path)) {
        int number = __sync_add_and_fetch(&writes, 1);
        if (number >= from && number <= to) {
            errno = ENOSPC;
            return -1;
        }
    }
    return real(fd, bytes, count, at);
}
