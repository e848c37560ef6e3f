/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/text.h"

enum { BAR_CELLS = 30 };
static const double QUIET_SECONDS = 1.0; /* a job shorter than this shows nothing */
static const double REDRAW_SECONDS = 0.1;

double sqz_progress_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void sqz_progress_begin(struct sqz_progress *progress, uint64_t total, bool quiet)
{
    *progress = (struct sqz_progress){.enabled = !quiet && isatty(STDERR_FILENO),
                                      .total = total,
                                      .begun_s = sqz_progress_clock_s()};
}

void sqz_progress_update(struct sqz_progress *progress, uint64_t done)
{
    if (!progress->enabled)
        return;
    double now = sqz_progress_clock_s(), gone = now - progress->begun_s;
    if (gone < QUIET_SECONDS || now - progress->drawn_s < REDRAW_SECONDS)
        return;
    double share = (double)done / (double)progress->total;
    char left[SQZ_TEXT_SIZE];
    fprintf(stderr, "\r[");
    for (int i = 0; i < BAR_CELLS; i++)
        fputc(i < share * BAR_CELLS ? '#' : ' ', stderr);
    fprintf(stderr, "] %3.0f %%, %s left ", 100 * share,
            sqz_text_duration(left, gone * (1 - share) / share));
    fputs("\033[K", stderr);
    fflush(stderr);
    progress->drawn = true;
    progress->drawn_s = now;
}

void sqz_progress_end(struct sqz_progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
