/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the functions of the public header share. Each enters the C locale before it reads or prints
 * a number and leaves it before it calls its host, whose locale is in force in between. */
#ifndef SQZ_API_API_H
#define SQZ_API_API_H

#include <locale.h>
#include <stdio.h>

#include "sim/batch/batch.h"
#include "sim/io/scenario.h"
#include "sim/squeeze.h"

/* Immutable once loaded. */
struct sqz_case {
    struct sqz_scenario scenario;
    struct sqz_world shadow; /* the same without impact */
    const struct sqz_world *world[2];
    size_t n_worlds; /* 2 if attributed */
    struct sqz_exit_table exit_table;
};

/* The worlds on one exogenous path. Points into the case. */
struct sqz_engine_plan sqz_api_plan(const struct sqz_case *loaded, uint64_t max_events);

/* ---- the calling thread's locale ----------------------------------------------------------- */

struct sqz_api_locale {
    locale_t c, before;
};

int sqz_api_enter(struct sqz_api_locale *locale, sqz_failure *failure);
void sqz_api_leave(const struct sqz_api_locale *locale);

/* ---- errors -------------------------------------------------------------------------------- */

/* Tell the host what `diag` says; returns `error`. */
int sqz_api_fail(sqz_failure *failure, int error, const struct sqz_diag *diag);
/* SQZ_CODE_USAGE of a member of an input struct. */
int sqz_api_refuse(sqz_failure *failure, const char *member, const char *message);
int sqz_api_no_memory(sqz_failure *failure);

/* ---- input --------------------------------------------------------------------------------- */

/* Copy an input struct, whose first member is its size, into one of `size` bytes; members that the
 * host's version of it lacks become 0. */
int sqz_api_take(void *own, size_t size, const void *input, sqz_failure *failure);

/* Files in memory: those of the host, and its arrays as lists named "levels" and "positions". */
struct sqz_api_files {
    struct sqz_memory_files all;
    struct sqz_memory_file *file;
    char *levels, *positions;
};

struct sqz_api_arrays {
    const sqz_level_input *level;
    size_t n_levels;
    const sqz_position_input *position;
    size_t n_positions;
    const sqz_text_input *text;
    size_t n_texts;
};

#define SQZ_API_LEVELS "levels"
#define SQZ_API_POSITIONS "positions"

/* Within the C locale. Free the files after success and failure alike. */
int sqz_api_gather(struct sqz_api_files *files, const struct sqz_api_arrays *arrays,
                   sqz_failure *failure);
void sqz_api_free_files(struct sqz_api_files *files);

/* ---- output -------------------------------------------------------------------------------- */

/* What `print` prints, as one text; within the C locale. */
int sqz_api_print(int (*print)(FILE *out, const void *what, struct sqz_diag *diag),
                  const void *what, char **text, sqz_failure *failure);

int sqz_api_remark(const struct sqz_remarks *remarks, size_t index, sqz_remark_note *note);

#endif
