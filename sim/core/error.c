/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_message(struct sqz_diag *diag, int code, const char *format, va_list args)
{
    memset(diag, 0, sizeof *diag);
    diag->code = code;
    vsnprintf(diag->message, sizeof diag->message, format, args);
}

int sqz_fail(struct sqz_diag *diag, int code, const char *format, ...)
{
    va_list args;
    if (diag == NULL)
        return code;
    va_start(args, format);
    set_message(diag, code, format, args);
    va_end(args);
    return code;
}

int sqz_fail_at(struct sqz_diag *diag, int code, const char *file, long line, const char *field,
                const char *format, ...)
{
    va_list args;
    if (diag == NULL)
        return code;
    va_start(args, format);
    set_message(diag, code, format, args);
    va_end(args);
    diag->line = line;
    snprintf(diag->file, sizeof diag->file, "%s", file != NULL ? file : "");
    snprintf(diag->field, sizeof diag->field, "%s", field != NULL ? field : "");
    return code;
}

void sqz_diag_format(const struct sqz_diag *diag, char *text, int size)
{
    char line[32] = "";
    if (diag->line > 0)
        snprintf(line, sizeof line, "%ld:", diag->line);
    snprintf(text, (size_t)size, "%s%s%s%s%s%s%s", diag->file, diag->file[0] != '\0' ? ":" : "",
             line, diag->file[0] != '\0' ? " " : "", diag->field,
             diag->field[0] != '\0' ? ": " : "", diag->message);
}
