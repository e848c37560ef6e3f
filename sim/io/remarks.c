/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/json.h"

enum { FIRST_CAPACITY = 8 };

static struct sqz_remark *find_like(const struct sqz_remarks *remarks, const char *code,
                                    const char *file, const char *key)
{
    for (size_t i = 0; i < remarks->count; i++) {
        struct sqz_remark *remark = &remarks->item[i];
        if (strcmp(remark->code, code) == 0 &&
            strncmp(remark->detail.file, file, sizeof remark->detail.file - 1) == 0 &&
            strncmp(remark->detail.field, key, sizeof remark->detail.field - 1) == 0)
            return remark;
    }
    return NULL;
}

/* Room for one more; NULL: no memory. */
static struct sqz_remark *append(struct sqz_remarks *remarks)
{
    if (remarks->count == remarks->capacity) {
        size_t capacity = remarks->capacity > 0 ? 2 * remarks->capacity : FIRST_CAPACITY;
        void *bigger = realloc(remarks->item, capacity * sizeof *remarks->item);
        if (bigger == NULL)
            return NULL;
        remarks->item = bigger;
        remarks->capacity = capacity;
    }
    struct sqz_remark *remark = &remarks->item[remarks->count++];
    memset(remark, 0, sizeof *remark);
    return remark;
}

int sqz_remarks_add(struct sqz_remarks *remarks, const char *code, const char *file, long line,
                    const char *key, const char *format, ...)
{
    if (remarks == NULL)
        return SQZ_OK;
    struct sqz_remark *remark =
        find_like(remarks, code, file != NULL ? file : "", key != NULL ? key : "");
    if (remark != NULL) {
        remark->more++;
        return SQZ_OK;
    }
    remark = append(remarks);
    if (remark == NULL)
        return SQZ_ERR_NOMEM;
    char text[sizeof remark->detail.message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    remark->code = code;
    sqz_fail_at(&remark->detail, SQZ_OK, file, line, key, "%s", text);
    return SQZ_OK;
}

int sqz_remarks_copy(struct sqz_remarks *remarks, const struct sqz_remarks *other)
{
    *remarks = *other;
    remarks->capacity = other->count > 0 ? other->count : 1;
    remarks->item = malloc(remarks->capacity * sizeof *remarks->item);
    if (remarks->item == NULL) {
        memset(remarks, 0, sizeof *remarks);
        return SQZ_ERR_NOMEM;
    }
    if (other->count > 0)
        memcpy(remarks->item, other->item, other->count * sizeof *other->item);
    return SQZ_OK;
}

const struct sqz_remark *sqz_remarks_find(const struct sqz_remarks *remarks, const char *code)
{
    for (size_t i = 0; remarks != NULL && i < remarks->count; i++)
        if (strcmp(remarks->item[i].code, code) == 0)
            return &remarks->item[i];
    return NULL;
}

void sqz_remark_format(const struct sqz_remark *remark, char *text, size_t size)
{
    sqz_diag_format(&remark->detail, text, (int)size);
    size_t used = strlen(text);
    if (remark->more > 0)
        snprintf(text + used, size - used, " (and %zu more)", remark->more);
}

static json_t *remark_json(const struct sqz_remark *remark)
{
    json_t *object = json_pack(
        "{s:s, s:o, s:o, s:I}", "code", remark->code, "key", sqz_json_text(remark->detail.field),
        "text", sqz_json_text(remark->detail.message), "count", (json_int_t)remark->more + 1);
    if (object != NULL && remark->detail.file[0] != '\0')
        sqz_json_set(object, "file", sqz_json_text(remark->detail.file));
    if (object != NULL && remark->detail.line > 0)
        sqz_json_set(object, "line", json_integer(remark->detail.line));
    return object;
}

void sqz_remarks_append_json(json_t *list, const struct sqz_remarks *remarks)
{
    for (size_t i = 0; i < remarks->count; i++)
        sqz_json_append(list, remark_json(&remarks->item[i]));
}

json_t *sqz_remarks_json(const struct sqz_remarks *remarks)
{
    json_t *list = json_array();
    sqz_remarks_append_json(list, remarks);
    return list;
}

void sqz_remarks_free(struct sqz_remarks *remarks)
{
    free(remarks->item);
    memset(remarks, 0, sizeof *remarks);
}
