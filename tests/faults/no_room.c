/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded: one call that puts something on the disk fails, number FAIL_AT of the process, as on a
 * full one; with FAIL_COUNT the number of all is written to that file at the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls;

static int fails(void)
{
    const char *text = getenv("FAIL_AT");
    long at = text != NULL ? atol(text) : 0;
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) != at)
        return 0;
    errno = ENOSPC;
    return 1;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

FILE *fopen(const char *path, const char *mode)
{
    return mode[0] != 'r' && fails() ? NULL : NEXT(fopen)(path, mode);
}

int fclose(FILE *file)
{
    int writes = (fcntl(fileno(file), F_GETFL) & O_ACCMODE) != O_RDONLY;
    int failed = writes && fails();
    int closed = NEXT(fclose)(file);
    errno = failed ? ENOSPC : errno;
    return failed ? EOF : closed;
}

int fflush(FILE *file)
{
    return file != NULL && fileno(file) > 2 && fails() ? EOF : NEXT(fflush)(file);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return descriptor > 2 && fails() ? -1 : NEXT(write)(descriptor, bytes, size);
}

int fsync(int descriptor)
{
    return fails() ? -1 : NEXT(fsync)(descriptor);
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : NEXT(rename)(from, to);
}

int renameat2(int from_in, const char *from, int to_in, const char *to, unsigned flags)
{
    return fails() ? -1 : NEXT(renameat2)(from_in, from, to_in, to, flags);
}

int mkdir(const char *path, mode_t mode)
{
    return fails() ? -1 : NEXT(mkdir)(path, mode);
}

static __attribute__((destructor)) void tell(void)
{
    const char *path = getenv("FAIL_COUNT");
    FILE *file = path != NULL ? NEXT(fopen)(path, "w") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%ld\n", calls);
    NEXT(fclose)(file);
}
