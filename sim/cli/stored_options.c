/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/stored_options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/stored.h"
#include "sim/io/identity.h"
#include "sim/io/result_files.h"

void sqz_words_free(struct sqz_words *words)
{
    free(words->argv);
    sqz_stored_command_free(&words->stored);
    memset(words, 0, sizeof *words);
}

/* The seed of what is stored, unless one is given now. */
static void recall_seed(const struct sqz_store *store, struct sqz_options *options)
{
    uint64_t seed;
    if (!store->open || options->seed_given || !sqz_identity_seed(store->identity, &seed))
        return;
    options->seed = seed;
    options->seed_given = true;
}

/* The earlier command line and seed, from the state of the result in `directory`, which may not be
 * there: then there are no words. */
static int recall_result(struct sqz_words *words, const char *directory,
                         struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_store store;
    int error = sqz_stored_open_state(&store, directory, diag);
    if (error == SQZ_OK && store.open)
        error = sqz_stored_command_read(&words->stored, directory, diag);
    if (error == SQZ_OK)
        recall_seed(&store, options);
    sqz_store_close(&store);
    return error;
}

/* The same from DIR.resume, or else from the result. */
static int recall(struct sqz_words *words, const char *directory, struct sqz_options *options,
                  struct sqz_diag *diag)
{
    char path[PATH_MAX];
    struct sqz_store store;
    int error = sqz_stored_name(path, directory, diag);
    if (error == SQZ_OK)
        error = sqz_store_open(&store, path, false, diag);
    if (error != SQZ_OK)
        return error;
    bool there = store.open && store.command != NULL;
    if (there) {
        error = sqz_stored_command_parse(&words->stored, store.command, path, diag);
        recall_seed(&store, options);
    }
    sqz_store_close(&store);
    return there ? error : recall_result(words, directory, options, diag);
}

/* The earlier words, then those given now behind the command, operands aside. */
static int join(struct sqz_words *words, const struct sqz_options *options, struct sqz_diag *diag)
{
    enum { COMMAND = 2 };
    char **now = options->operand + options->n_operands - options->argc;
    int given = options->argc - options->n_operands - COMMAND;
    words->argv = calloc((size_t)(words->stored.argc + given + 1), sizeof *words->argv);
    if (words->argv == NULL)
        return sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for a command line");
    memcpy(words->argv, words->stored.argv, (size_t)words->stored.argc * sizeof *words->argv);
    memcpy(words->argv + words->stored.argc, now + COMMAND, (size_t)given * sizeof *words->argv);
    words->argc = words->stored.argc + given;
    return SQZ_OK;
}

/* What is asked of this run alone, not of the earlier one. */
static void keep_asked(struct sqz_options *options, const struct sqz_options *now)
{
    options->json = now->json;
    options->quiet = now->quiet;
    options->force = now->force;
    options->output = now->output;
    options->resume = now->resume;
    options->extend = now->extend;
    options->seed = now->seed_given ? now->seed : options->seed;
    options->seed_given |= now->seed_given;
}

/* Parse the earlier command line with what is given now. */
static int parse_again(struct sqz_words *words, struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_options now = *options;
    const struct sqz_command *command = sqz_command_find(words->stored.argv[1]);
    if (command == NULL)
        return sqz_command_unknown(words->stored.argv[1], diag);
    int error = join(words, &now, diag);
    if (error == SQZ_OK)
        error = sqz_options_parse(options, command, words->argc, words->argv, diag);
    if (error == SQZ_OK)
        keep_asked(options, &now);
    return error;
}

/* With operands given now the earlier command line tells the number of paths alone. */
static int recall_paths(const struct sqz_words *words, struct sqz_options *options,
                        struct sqz_diag *diag)
{
    struct sqz_options earlier;
    const struct sqz_command *command = sqz_command_find(words->stored.argv[1]);
    if (command == NULL)
        return sqz_command_unknown(words->stored.argv[1], diag);
    int error = sqz_options_parse(&earlier, command, words->stored.argc, words->stored.argv, diag);
    if (error == SQZ_OK)
        options->paths = earlier.paths;
    return error;
}

int sqz_stored_options(struct sqz_options *options, struct sqz_words *words, struct sqz_diag *diag)
{
    const char *directory = options->extend != NULL ? options->extend : options->resume;
    if (directory == NULL)
        return SQZ_OK;
    if (options->extend != NULL && options->resume != NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE, "--resume and --continue: expected one of them");
    if (options->output != NULL && strcmp(options->output, directory) != 0)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--output",
                           "is another directory than the one to go on with, %s", directory);
    if (options->extend != NULL && !options->paths_given)
        return sqz_fail_at(diag, SQZ_ERR_USAGE, NULL, 0, "--continue",
                           "needs --paths, the number of paths in all");
    options->output = directory;
    int error = recall(words, directory, options, diag);
    if (error != SQZ_OK)
        return error;
    if (options->n_operands == 0 && words->stored.argc == 0)
        return sqz_fail_at(diag, SQZ_ERR_DATA, directory, 0, NULL,
                           "nothing is stored there, so a SCENARIO is needed");
    if (options->n_operands == 0)
        return parse_again(words, options, diag);
    return options->paths_given || words->stored.argc == 0 ? SQZ_OK
                                                           : recall_paths(words, options, diag);
}

int sqz_stored_merge(struct sqz_options *options, struct sqz_words *words, struct sqz_diag *diag)
{
    char **merged = options->operand;
    int count = options->n_operands;
    if (options->output == NULL)
        return sqz_fail(diag, SQZ_ERR_USAGE, "squeeze merge needs a result directory, -o DIR");
    int error = recall_result(words, merged[0], options, diag);
    if (error == SQZ_OK && words->stored.argc == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, merged[0], 0, NULL,
                            "holds no %s; expected the result of a batch or a comparison",
                            sqz_result_file_name(SQZ_FILE_STATE));
    if (error == SQZ_OK)
        error = parse_again(words, options, diag);
    options->merged = merged;
    options->n_merged = count;
    options->shard = NULL;
    return error;
}
