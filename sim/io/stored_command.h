/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line that a result was made with, as JSON: kept to go on with it. */
#ifndef SQZ_IO_STORED_COMMAND_H
#define SQZ_IO_STORED_COMMAND_H

#include "sim/core/error.h"

struct sqz_stored_command {
    int argc;
    char **argv; /* owned */
};

/* A command line as text. Caller frees; NULL: no memory. */
char *sqz_stored_command_text(int argc, char *const *argv);

/* Read such a text. SQZ_ERR_DATA where it is none; `path` says where it was found. */
int sqz_stored_command_parse(struct sqz_stored_command *command, const char *text, const char *path,
                             struct sqz_diag *diag);

/* The command line in the manifest of the result in `directory`. */
int sqz_stored_command_read(struct sqz_stored_command *command, const char *directory,
                            struct sqz_diag *diag);

/* Safe on a zeroed one. */
void sqz_stored_command_free(struct sqz_stored_command *command);

#endif
