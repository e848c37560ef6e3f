/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/payload.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/units.h"

/* What a payload may be: well above any that a provider gives, well below what a machine holds. A
 * list of JSON takes some 150 bytes of memory and a value some 40. */
static const size_t BYTES_MAX = (size_t)512 << 20, DEPTH_MAX = 64, LISTS_MAX = 4000000,
                    VALUES_MAX = 12000000;

static int no_memory(const struct sqz_payload *payload, struct sqz_diag *diag)
{
    return sqz_fail_at(diag, SQZ_ERR_NOMEM, payload->file, 0, NULL, "no memory to hold it");
}

/* ---- bytes ----------------------------------------------------------------------------------- */

struct bytes {
    char *text;
    size_t count, size;
};

static int read_bytes(struct bytes *bytes, FILE *file, const struct sqz_payload *payload,
                      struct sqz_diag *diag)
{
    do {
        if (bytes->count == bytes->size) {
            size_t size = bytes->size > 0 ? 2 * bytes->size : (size_t)1 << 16;
            char *bigger = realloc(bytes->text, size);
            if (bigger == NULL)
                return no_memory(payload, diag);
            bytes->text = bigger;
            bytes->size = size;
        }
        bytes->count += fread(bytes->text + bytes->count, 1, bytes->size - bytes->count, file);
        if (bytes->count > BYTES_MAX)
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL,
                               "is larger than %zu MB; expected one map, or one part of a history",
                               BYTES_MAX >> 20);
    } while (!feof(file) && !ferror(file));
    if (ferror(file))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL, "cannot be read: %s",
                           strerror(errno));
    return SQZ_OK;
}

/* ---- JSON: how much there is ----------------------------------------------------------------- */

struct extent {
    size_t depth, lists, values;
    long line;
    bool quoted, escaped;
};

static void scan(struct extent *extent, char byte)
{
    extent->line += byte == '\n';
    if (extent->quoted) {
        extent->quoted = extent->escaped || byte != '"';
        extent->escaped = !extent->escaped && byte == '\\';
    } else if (byte == '"') {
        extent->quoted = true;
    } else if (byte == '[' || byte == '{') {
        extent->depth++;
        extent->lists++;
    } else if ((byte == ']' || byte == '}') && extent->depth > 0) {
        extent->depth--;
    } else {
        extent->values += byte == ',';
    }
}

static int check_extent(const struct sqz_payload *payload, const struct bytes *bytes,
                        struct sqz_diag *diag)
{
    struct extent extent = {.line = 1};
    for (size_t i = 0; i < bytes->count; i++) {
        scan(&extent, bytes->text[i]);
        if (extent.depth > DEPTH_MAX)
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, extent.line, NULL,
                               "is nested more than %zu deep; expected a map, positions, margin "
                               "tiers, bars or a book",
                               DEPTH_MAX);
        if (extent.lists > LISTS_MAX || extent.values > VALUES_MAX)
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, extent.line, NULL,
                               "has more than %zu %s; expected it in smaller files",
                               extent.lists > LISTS_MAX ? LISTS_MAX : VALUES_MAX,
                               extent.lists > LISTS_MAX ? "lists and objects" : "values");
    }
    return SQZ_OK;
}

/* ---- JSON: documents ------------------------------------------------------------------------- */

static long lines_in(const char *text, size_t count)
{
    long lines = 0;
    for (size_t i = 0; i < count; i++)
        lines += text[i] == '\n';
    return lines;
}

/* Keep a document; from the second on there is a list of them. */
static int keep(struct sqz_payload *payload, json_t *document, struct sqz_diag *diag)
{
    if (payload->documents++ == 0) {
        payload->json = document;
        return SQZ_OK;
    }
    if (payload->documents == 2) {
        json_t *list = json_array();
        if (list == NULL || json_array_append_new(list, payload->json) != 0) {
            payload->json = NULL;
            json_decref(list);
            json_decref(document);
            return no_memory(payload, diag);
        }
        payload->json = list;
    }
    return json_array_append_new(payload->json, document) == 0 ? SQZ_OK : no_memory(payload, diag);
}

/* A number of 30 digits is a number; NUL in a string, and a key given twice, are refused. */
enum { HOW = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DISABLE_EOF_CHECK };

static int parse_json(struct sqz_payload *payload, const char *text, size_t count,
                      struct sqz_diag *diag)
{
    size_t at = 0;
    for (;;) {
        while (at < count && isspace((unsigned char)text[at]))
            at++;
        if (at == count)
            return SQZ_OK;
        json_error_t error;
        json_t *document = json_loadb(text + at, count - at, HOW, &error);
        if (document == NULL)
            return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file,
                               lines_in(text, at) + (error.line > 0 ? error.line : 1), NULL,
                               "is not valid JSON: %s (column %d)", error.text, error.column);
        at += (size_t)error.position;
        int failed = keep(payload, document, diag);
        if (failed != SQZ_OK)
            return failed;
    }
}

static int read_json(struct sqz_payload *payload, FILE *file, struct sqz_diag *diag)
{
    struct bytes bytes = {0};
    int error = read_bytes(&bytes, file, payload, diag);
    size_t skip = bytes.count >= 3 && memcmp(bytes.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (error == SQZ_OK)
        error = check_extent(payload, &bytes, diag);
    if (error == SQZ_OK)
        error = parse_json(payload, bytes.text + skip, bytes.count - skip, diag);
    free(bytes.text);
    return error;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool grow(void **array, size_t *size, size_t needed, size_t element)
{
    if (needed <= *size)
        return true;
    size_t wanted = needed + needed / 2 + 64;
    void *bigger = realloc(*array, wanted * element);
    if (bigger == NULL)
        return false;
    *array = bigger;
    *size = wanted;
    return true;
}

static bool reserve(struct sqz_payload *payload, size_t fields, size_t bytes)
{
    void *row = payload->row, *field = payload->field, *text = payload->text;
    bool done = grow(&row, &payload->row_size, payload->rows + 1, sizeof *payload->row);
    payload->row = row;
    done = done &&
           grow(&field, &payload->field_size, payload->fields + fields, sizeof *payload->field);
    payload->field = field;
    done = done && grow(&text, &payload->text_size, payload->text_used + bytes, 1);
    payload->text = text;
    return done;
}

/* Fields are kept as places in the text, which moves while it grows; see settle_fields. */
static int on_row(void *context, const struct sqz_csv_row *row, struct sqz_diag *diag)
{
    struct sqz_payload *payload = context;
    size_t bytes = 0;
    for (size_t i = 0; i < row->count; i++)
        bytes += strlen(row->field[i]) + 1;
    if (!reserve(payload, row->count, bytes))
        return no_memory(payload, diag);
    payload->delimiter = row->delimiter;
    payload->row[payload->rows++] =
        (struct sqz_payload_row){row->line, payload->fields, row->count};
    for (size_t i = 0; i < row->count; i++) {
        size_t size = strlen(row->field[i]) + 1;
        memcpy(payload->text + payload->text_used, row->field[i], size);
        payload->field[payload->fields++] = (char *)(uintptr_t)payload->text_used;
        payload->text_used += size;
    }
    return SQZ_OK;
}

static void settle_fields(struct sqz_payload *payload)
{
    for (size_t i = 0; i < payload->fields; i++)
        payload->field[i] = payload->text + (uintptr_t)payload->field[i];
}

static int read_table(struct sqz_payload *payload, struct sqz_diag *diag)
{
    int error = sqz_csv_read(payload->file, on_row, payload, NULL, diag);
    settle_fields(payload);
    if (error == SQZ_OK && payload->rows == 0)
        error = sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, NULL,
                            "is empty; expected JSON or a table");
    return error;
}

struct sqz_csv_row sqz_payload_row(const struct sqz_payload *payload, size_t i)
{
    const struct sqz_payload_row *row = &payload->row[i];
    return (struct sqz_csv_row){.file = payload->file,
                                .line = row->line,
                                .count = row->count,
                                .field = payload->field + row->first,
                                .delimiter = payload->delimiter};
}

size_t sqz_payload_column(const struct sqz_payload *payload, const char *name)
{
    struct sqz_csv_row header = sqz_payload_row(payload, 0);
    for (size_t i = 0; i < header.count; i++) {
        const char *a = header.field[i], *b = name;
        do {
            a += strspn(a, "_ -.");
            b += strspn(b, "_ -.");
        } while (*a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b) &&
                 (a++, b++, true));
        if (*a == '\0' && *b == '\0')
            return i;
    }
    return SQZ_CSV_ABSENT;
}

/* ---- either ---------------------------------------------------------------------------------- */

/* Whether the first byte that says anything begins a list or an object. */
static bool begins_json(FILE *file, bool piped)
{
    int byte = getc(file);
    if (!piped && byte == 0xef) { /* a byte-order mark */
        getc(file);
        getc(file);
        byte = getc(file);
    }
    while (byte != EOF && isspace(byte))
        byte = getc(file);
    if (piped && byte != EOF)
        ungetc(byte, file);
    return byte == '{' || byte == '[';
}

int sqz_payload_read(struct sqz_payload *payload, const char *path, struct sqz_diag *diag)
{
    *payload = (struct sqz_payload){.file = path};
    bool piped = strcmp(path, SQZ_CSV_STDIN) == 0;
    FILE *file = piped ? stdin : fopen(path, "rb");
    if (file == NULL)
        return sqz_fail_at(diag, errno == ENOMEM ? SQZ_ERR_NOMEM : SQZ_ERR_DATA, path, 0, NULL,
                           "cannot be opened: %s", strerror(errno));
    int error;
    if (begins_json(file, piped)) {
        if (!piped)
            rewind(file);
        error = read_json(payload, file, diag);
    } else {
        error = read_table(payload, diag);
    }
    if (!piped)
        fclose(file);
    return error;
}

void sqz_payload_free(struct sqz_payload *payload)
{
    json_decref(payload->json);
    free(payload->row);
    free(payload->field);
    free(payload->text);
    *payload = (struct sqz_payload){0};
}

/* ---- values of JSON -------------------------------------------------------------------------- */

bool sqz_payload_is_number(const char *text, double *number)
{
    struct sqz_diag why;
    return sqz_units_parse(text, "1", "1", SQZ_DIM_NUMBER, number, &why) == SQZ_OK &&
           isfinite(*number);
}

static bool number_of(const json_t *value, double *number)
{
    if (json_is_string(value))
        return sqz_payload_is_number(json_string_value(value), number);
    *number = json_number_value(value);
    return json_is_number(value);
}

int sqz_payload_number(const struct sqz_payload *payload, const json_t *value, double *number,
                       struct sqz_diag *diag, const char *place, ...)
{
    if (number_of(value, number))
        return SQZ_OK;
    char where[96];
    va_list arguments;
    va_start(arguments, place);
    vsnprintf(where, sizeof where, place, arguments);
    va_end(arguments);
    if (json_is_string(value))
        return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, where,
                           "'%s' is not a finite number; expected plain digits",
                           json_string_value(value));
    return sqz_fail_at(diag, SQZ_ERR_DATA, payload->file, 0, where, "%s; expected a number",
                       value == NULL         ? "is missing"
                       : json_is_null(value) ? "is null"
                                             : "is not a number");
}

json_t *sqz_payload_at(const json_t *json, const char *path)
{
    char key[64];
    const json_t *at = json;
    while (at != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        if (length >= sizeof key)
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        at = json_object_get(at, key);
        path += length + (path[length] == '.');
    }
    return (json_t *)at;
}
