/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/plot/pdf_date.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void blank(char *text, size_t size)
{
    static const char KEY[] = "/CreationDate (D:";
    char *date = memmem(text, size, KEY, sizeof KEY - 1);
    char *end = date != NULL ? memchr(date, ')', size - (size_t)(date - text)) : NULL;
    if (end != NULL)
        memset(date, ' ', (size_t)(end - date) + 1);
}

void sqz_pdf_remove_date(const char *path)
{
    struct stat info;
    int descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
        size_t size = (size_t)info.st_size;
        char *text = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (text != MAP_FAILED) {
            blank(text, size);
            munmap(text, size);
        }
    }
    close(descriptor);
}
