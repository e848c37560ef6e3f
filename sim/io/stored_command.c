/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/stored_command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/json.h"
#include "sim/io/result_files.h"

char *sqz_stored_command_text(int argc, char *const *argv)
{
    json_t *list = json_array();
    for (int i = 0; i < argc; i++)
        sqz_json_append(list, sqz_json_text(argv[i]));
    list = sqz_json_whole(list);
    char *text = list != NULL ? sqz_json_compact(list) : NULL;
    json_decref(list);
    return text;
}

/* The words of a list. */
static int take_words(struct sqz_stored_command *command, const json_t *list, const char *path,
                      struct sqz_diag *diag)
{
    size_t count = json_array_size(list);
    memset(command, 0, sizeof *command);
    if (count < 2 || count > INT_MAX)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, "command", "is no command line");
    command->argv = calloc(count + 1, sizeof *command->argv);
    for (size_t i = 0; command->argv != NULL && i < count; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        command->argv[i] = strdup(word != NULL ? word : "");
        if (command->argv[i] == NULL)
            break;
        command->argc++;
    }
    return command->argc == (int)count ? SQZ_OK
                                       : sqz_fail(diag, SQZ_ERR_NOMEM, "no memory for %s", path);
}

int sqz_stored_command_parse(struct sqz_stored_command *command, const char *text, const char *path,
                             struct sqz_diag *diag)
{
    json_t *list = json_loads(text, 0, NULL);
    int error = take_words(command, list, path, diag);
    json_decref(list);
    return error;
}

int sqz_stored_command_read(struct sqz_stored_command *command, const char *directory,
                            struct sqz_diag *diag)
{
    char path[PATH_MAX];
    json_error_t why;
    snprintf(path, sizeof path, "%s/%s", directory, sqz_result_file_name(SQZ_FILE_MANIFEST));
    json_t *manifest = json_load_file(path, 0, &why);
    memset(command, 0, sizeof *command);
    if (manifest == NULL)
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "cannot be read; expected a result directory of squeeze (%s)", why.text);
    int error = take_words(command, json_object_get(manifest, "command"), path, diag);
    json_decref(manifest);
    return error;
}

void sqz_stored_command_free(struct sqz_stored_command *command)
{
    for (int i = 0; i < command->argc; i++)
        free(command->argv[i]);
    free(command->argv);
    memset(command, 0, sizeof *command);
}
