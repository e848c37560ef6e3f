/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/batch/batch.h"

static int fail(struct sqz_diag *diag, const char *text, const char *what)
{
    return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--shard", "'%s' %s", text, what);
}

/* A whole number from `text` up to the end or to `end`, which is stepped over. */
static bool read_number(const char **text, char end, uint64_t *number)
{
    int length = 0;
    if (sscanf(*text, "%" SCNu64 "%n", number, &length) != 1 || **text < '0' || **text > '9' ||
        (*text)[length] != end)
        return false;
    *text += length + (end != '\0');
    return true;
}

static bool variable(const char *name, uint64_t *number)
{
    const char *text = getenv(name);
    return text != NULL && read_number(&text, '\0', number);
}

/* What an array job of Slurm is told: tasks MIN, MIN + STEP, .. of COUNT. */
static bool from_slurm(uint64_t *index, uint64_t *count)
{
    uint64_t task, least, step;
    if (!variable("SLURM_ARRAY_TASK_ID", &task) || !variable("SLURM_ARRAY_TASK_COUNT", count))
        return false;
    if (!variable("SLURM_ARRAY_TASK_MIN", &least))
        least = 1;
    if (!variable("SLURM_ARRAY_TASK_STEP", &step) || step == 0)
        step = 1;
    *index = (task - least) / step + 1;
    return task >= least;
}

/* auto, or auto/N where GNU parallel tells the number of the job alone. */
static int find_out(const char *text, uint64_t *index, uint64_t *count, struct sqz_diag *diag)
{
    const char *rest = text + strlen("auto/");
    if (strcmp(text, "auto") == 0)
        return from_slurm(index, count) ? SQZ_OK
                                        : fail(diag, text,
                                               "asks Slurm, whose SLURM_ARRAY_TASK_ID and _COUNT "
                                               "are not set; expected K/N, or auto/N under GNU "
                                               "parallel");
    if (!read_number(&rest, '\0', count))
        return fail(diag, text, "is no part; expected K/N, auto or auto/N");
    return variable("PARALLEL_SEQ", index) ? SQZ_OK
                                           : fail(diag, text,
                                                  "asks GNU parallel, whose PARALLEL_SEQ is not "
                                                  "set; expected K/N");
}

static int parse(const char *text, uint64_t *index, uint64_t *count, struct sqz_diag *diag)
{
    const char *rest = text;
    int error = SQZ_OK;
    if (strncmp(text, "auto", strlen("auto")) == 0)
        error = find_out(text, index, count, diag);
    else if (!read_number(&rest, '/', index) || !read_number(&rest, '\0', count))
        error = fail(diag, text, "is no part; expected K/N, as 2/8, or auto");
    if (error == SQZ_OK && (*index < 1 || *index > *count))
        error = fail(diag, text, "is no part; expected K from 1 to N");
    return error;
}

int sqz_shard_paths(const struct sqz_options *options, uint64_t *first, uint64_t *count,
                    struct sqz_diag *diag)
{
    uint64_t index = 1, parts = 1;
    uint64_t blocks = (options->paths + SQZ_BATCH_BLOCK - 1) / SQZ_BATCH_BLOCK;
    int error = options->shard != NULL ? parse(options->shard, &index, &parts, diag) : SQZ_OK;
    if (error != SQZ_OK)
        return error;
    if (parts > blocks)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--shard",
                           "%" PRIu64 " parts of %" PRIu64 " paths; expected at most one for each "
                           "block of %d paths, %" PRIu64,
                           parts, options->paths, SQZ_BATCH_BLOCK, blocks);
    uint64_t whole = blocks / parts, rest = blocks % parts;
    uint64_t before = whole * (index - 1) + (index - 1 < rest ? index - 1 : rest);
    uint64_t mine = whole + (index - 1 < rest);
    uint64_t end = (before + mine) * SQZ_BATCH_BLOCK;
    *first = before * SQZ_BATCH_BLOCK;
    *count = (end < options->paths ? end : options->paths) - *first;
    return SQZ_OK;
}
