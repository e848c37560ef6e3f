/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Version, errors, locale, texts. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sim/api/api.h"
#include "sim/core/version.h"

int sqz_version_number(void)
{
    return SQZ_VERSION_NUMBER;
}

const char *sqz_version_text(void)
{
    return SQZ_VERSION;
}

/* ---- errors -------------------------------------------------------------------------------- */

_Static_assert((int)SQZ_CODE_OK == SQZ_OK && (int)SQZ_CODE_IO == SQZ_ERR_IO &&
                   (int)SQZ_CODE_MEMORY == SQZ_ERR_NOMEM && (int)SQZ_CODE_USAGE == SQZ_ERR_USAGE &&
                   (int)SQZ_CODE_DATA == SQZ_ERR_DATA &&
                   (int)SQZ_CODE_UNSUPPORTED == SQZ_ERR_UNSUPPORTED &&
                   (int)SQZ_CODE_CANCELLED == SQZ_ERR_INTERRUPTED &&
                   (int)SQZ_CODE_LIMIT == SQZ_ERR_LIMIT,
               "codes of the public header are those of the program");

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

int sqz_api_fail(sqz_failure *failure, int error, const struct sqz_diag *diag)
{
    if (failure == NULL || error == SQZ_OK)
        return error;
    memset(failure, 0, sizeof *failure);
    failure->code = error;
    failure->line = diag->line;
    /* What the command line calls its settings. */
    copy(failure->file, sizeof failure->file,
         strcmp(diag->file, "--set") == 0 ? "settings" : diag->file);
    copy(failure->field, sizeof failure->field, diag->field);
    copy(failure->message, sizeof failure->message, diag->message);
    return error;
}

int sqz_api_refuse(sqz_failure *failure, const char *member, const char *message)
{
    struct sqz_diag diag;
    return sqz_api_fail(failure, sqz_fail_at(&diag, SQZ_ERR_USAGE, NULL, 0, member, "%s", message),
                        &diag);
}

int sqz_api_no_memory(sqz_failure *failure)
{
    struct sqz_diag diag;
    return sqz_api_fail(failure, sqz_fail(&diag, SQZ_ERR_NOMEM, "no memory"), &diag);
}

void sqz_failure_text(const sqz_failure *failure, char *text, size_t size)
{
    struct sqz_diag diag = {.code = failure->code, .line = failure->line};
    copy(diag.file, sizeof diag.file, failure->file);
    copy(diag.field, sizeof diag.field, failure->field);
    copy(diag.message, sizeof diag.message, failure->message);
    sqz_diag_format(&diag, text, size > 4096 ? 4096 : (int)size);
}

void sqz_string_free(char *text)
{
    free(text);
}

/* ---- locale -------------------------------------------------------------------------------- */

int sqz_api_enter(struct sqz_api_locale *locale, sqz_failure *failure)
{
    locale->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale->c == (locale_t)0)
        return sqz_api_no_memory(failure);
    locale->before = uselocale(locale->c);
    return SQZ_OK;
}

void sqz_api_leave(const struct sqz_api_locale *locale)
{
    uselocale(locale->before);
    freelocale(locale->c);
}

/* ---- texts --------------------------------------------------------------------------------- */

int sqz_api_print(int (*print)(FILE *out, const void *what, struct sqz_diag *diag),
                  const void *what, char **text, sqz_failure *failure)
{
    struct sqz_diag diag = {0};
    size_t size = 0;
    char *printed = NULL;
    FILE *out = open_memstream(&printed, &size);
    if (out == NULL)
        return sqz_api_no_memory(failure);
    int error = print(out, what, &diag);
    if (fclose(out) != 0 && error == SQZ_OK)
        error = sqz_fail(&diag, SQZ_ERR_NOMEM, "no memory for the answer");
    if (error == SQZ_OK)
        *text = printed;
    else
        free(printed);
    return sqz_api_fail(failure, error, &diag);
}

int sqz_api_remark(const struct sqz_remarks *remarks, size_t index, sqz_remark_note *note)
{
    if (index >= remarks->count)
        return SQZ_ERR_USAGE;
    const struct sqz_remark *remark = &remarks->item[index];
    const char *file = remark->detail.file;
    *note = (sqz_remark_note){.code = remark->code,
                              .file = strcmp(file, "--set") == 0 ? "settings" : file,
                              .key = remark->detail.field,
                              .text = remark->detail.message,
                              .line = remark->detail.line,
                              .count = remark->more + 1};
    return SQZ_OK;
}
