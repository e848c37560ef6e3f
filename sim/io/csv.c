/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>
#include <sha256.h>

/* The fields of the row being read lie one after the other in `text`, NUL-terminated. */
struct reader {
    const char *file;
    bool begun;           /* some line has been read */
    long line, row_start; /* being read; on which the present row began */
    char *text;
    size_t text_size, text_used;
    size_t *start;
    char **field;
    size_t count, capacity;
    sqz_csv_handler handler;
    void *context;
    SHA2_CTX sha;
    struct sqz_digest *digest; /* NULL: not asked for */
    struct sqz_diag *diag;
    int error;
    char delimiter; /* '\0' before the first line that says anything */
};

static bool grow(void **array, size_t *capacity, size_t needed, size_t element)
{
    if (needed <= *capacity)
        return true;
    size_t wanted = needed * 2;
    void *bigger = realloc(*array, wanted * element);
    if (bigger == NULL)
        return false;
    *array = bigger;
    *capacity = wanted;
    return true;
}

static int reserve(struct reader *reader, size_t length)
{
    size_t starts = reader->capacity;
    void *text = reader->text, *start = reader->start, *field = reader->field;
    bool done = grow(&text, &reader->text_size, reader->text_used + length + 1, 1);
    reader->text = text;
    done = done && grow(&start, &starts, reader->count + 1, sizeof *reader->start);
    reader->start = start;
    done = done && grow(&field, &reader->capacity, reader->count + 1, sizeof *reader->field);
    reader->field = field;
    if (!done)
        return sqz_fail_at(reader->diag, SQZ_ERR_NOMEM, reader->file, reader->line, NULL,
                           "no memory for a row");
    return SQZ_OK;
}

static void on_field(void *data, size_t length, void *context)
{
    struct reader *reader = context;
    if (reader->error != SQZ_OK)
        return;
    if (length > 0 && memchr(data, '\0', length) != NULL) {
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->line, NULL,
                                    "a NUL byte in the text; expected a CSV file");
        return;
    }
    reader->error = reserve(reader, length);
    if (reader->error != SQZ_OK)
        return;
    reader->start[reader->count++] = reader->text_used;
    if (length > 0)
        memcpy(reader->text + reader->text_used, data, length);
    reader->text_used += length;
    reader->text[reader->text_used++] = '\0';
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    struct reader *reader = context;
    if (reader->error != SQZ_OK)
        return;
    for (size_t i = 0; i < reader->count; i++)
        reader->field[i] = reader->text + reader->start[i];
    struct sqz_csv_row row = {reader->file, reader->row_start, reader->count, reader->field,
                              reader->delimiter};
    bool blank = reader->text_used == reader->count; /* ",,,": a spreadsheet's empty line */
    if (!blank)
        reader->error = reader->handler(reader->context, &row, reader->diag);
    reader->count = 0;
    reader->text_used = 0;
}

/* libcsv reports a field only when it ends, and a quoted one may span lines: its parser is between
 * rows when its state is 0 ("row not begun"). */
static void feed_line(struct reader *reader, struct csv_parser *parser, const char *text,
                      size_t length)
{
    reader->line++;
    if (parser->pstate == 0)
        reader->row_start = reader->line;
    if (csv_parse(parser, text, length, on_field, on_row, reader) == length)
        return;
    if (csv_error(parser) == CSV_EPARSE)
        reader->error =
            sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->row_start, NULL,
                        "broken quoting; expected a quoted field to end with "
                        "\" and inner quotes to be doubled");
    else
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_NOMEM, reader->file, reader->line, NULL,
                                    "no memory for a row");
}

/* ---- what kind of file it is --------------------------------------------------------------- */

static int fail_kind(struct reader *reader, const char *what)
{
    return sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, 0, NULL, "is %s", what);
}

/* The first bytes of files that are taken for CSV. */
static int check_magic(struct reader *reader, const char *text, size_t length)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *what;
    } KNOWN[] = {
        {"\xff\xfe", 2, "UTF-16; expected UTF-8 (save it as \"CSV UTF-8\")"},
        {"\xfe\xff", 2, "UTF-16; expected UTF-8 (save it as \"CSV UTF-8\")"},
        {"\x1f\x8b", 2, "compressed by gzip; expected text (gunzip it first)"},
        {"\x28\xb5\x2f\xfd", 4, "compressed by zstd; expected text (unzstd it first)"},
        {"PK\x03\x04", 4, "a ZIP archive or a workbook; expected text (save it as CSV)"},
        {"PAR1", 4, "Parquet; expected text (save it as CSV)"},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        if (length >= KNOWN[i].size && memcmp(text, KNOWN[i].bytes, KNOWN[i].size) == 0)
            return fail_kind(reader, KNOWN[i].what);
    return SQZ_OK;
}

/* How often `mark` stands outside quotes in a line. */
static size_t count_of(const char *text, size_t length, char mark)
{
    size_t count = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        quoted ^= text[i] == '"';
        count += !quoted && text[i] == mark;
    }
    return count;
}

/* What the first line that says anything shows of the file. */
static int begin_table(struct reader *reader, struct csv_parser *parser, const char *text,
                       size_t length)
{
    size_t blank = strspn(text, " \t\r\n");
    if (reader->delimiter != '\0' || blank >= length)
        return SQZ_OK;
    if (text[blank] == '{' || text[blank] == '[')
        return fail_kind(reader, "JSON; expected a table of fields with commas between");
    if (text[blank] == '<')
        return fail_kind(reader, "HTML or XML; expected a table of fields with commas between");
    bool commas = count_of(text, length, ',') > 0;
    reader->delimiter = commas                             ? ','
                        : count_of(text, length, '\t') > 0 ? '\t'
                        : count_of(text, length, ';') > 0  ? ';'
                                                           : ',';
    csv_set_delim(parser, (unsigned char)reader->delimiter);
    return SQZ_OK;
}

static int parse_line(struct reader *reader, struct csv_parser *parser, const char *text,
                      size_t length)
{
    static const char MARK[] = "\xef\xbb\xbf"; /* byte-order mark */
    size_t skip = 0;
    if (reader->digest != NULL)
        SHA256Update(&reader->sha, (const uint8_t *)text, length);
    if (!reader->begun) {
        reader->begun = true;
        skip = length >= 3 && memcmp(text, MARK, 3) == 0 ? 3 : 0;
        reader->error = check_magic(reader, text, length);
    }
    if (reader->error == SQZ_OK)
        reader->error = begin_table(reader, parser, text + skip, length - skip);
    if (reader->error == SQZ_OK)
        feed_line(reader, parser, text + skip, length - skip);
    return reader->error;
}

static int parse_file(struct reader *reader, FILE *file, struct csv_parser *parser)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    while (reader->error == SQZ_OK && (length = getline(&text, &size, file)) >= 0)
        parse_line(reader, parser, text, (size_t)length);
    if (reader->error == SQZ_OK && !feof(file)) /* reading failed, or memory for a line */
        reader->error = sqz_fail_at(reader->diag, errno == ENOMEM ? SQZ_ERR_NOMEM : SQZ_ERR_DATA,
                                    reader->file, 0, NULL, "cannot be read: %s", strerror(errno));
    if (reader->error == SQZ_OK && csv_fini(parser, on_field, on_row, reader) != 0)
        reader->error = sqz_fail_at(reader->diag, SQZ_ERR_DATA, reader->file, reader->row_start,
                                    NULL, "a quoted field is never closed");
    free(text);
    return reader->error;
}

/* Standard input that has been read to its end is not there twice. */
static int open_file(const char *path, FILE **file, struct sqz_diag *diag)
{
    bool piped = strcmp(path, SQZ_CSV_STDIN) == 0;
    *file = piped ? stdin : fopen(path, "r");
    if (*file == NULL)
        return sqz_fail_at(diag, errno == ENOMEM ? SQZ_ERR_NOMEM : SQZ_ERR_DATA, path, 0, NULL,
                           "cannot be opened: %s", strerror(errno));
    if (piped && feof(stdin))
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL,
                           "is standard input, which was read already; expected one file from it");
    return SQZ_OK;
}

static const struct sqz_memory_file *find_memory(const struct sqz_memory_files *files,
                                                 const char *path)
{
    for (size_t i = 0; files != NULL && i < files->count; i++)
        if (strcmp(files->file[i].path, path) == 0)
            return &files->file[i];
    return NULL;
}

static int open_memory(const struct sqz_memory_file *memory, FILE **file, struct sqz_diag *diag)
{
    *file = fmemopen((char *)memory->text, memory->length, "r"); /* which does not write */
    return *file != NULL
               ? SQZ_OK
               : sqz_fail_at(diag, SQZ_ERR_NOMEM, memory->path, 0, NULL, "no memory to read it");
}

static int parse(struct reader *reader, FILE *file)
{
    struct csv_parser parser;
    SHA256Init(&reader->sha);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return sqz_fail_at(reader->diag, SQZ_ERR_NOMEM, reader->file, 0, NULL,
                           "no memory to read it");
    parse_file(reader, file, &parser);
    csv_free(&parser);
    if (reader->digest != NULL)
        SHA256End(&reader->sha, reader->digest->hex);
    free(reader->text);
    free(reader->start);
    free(reader->field);
    return reader->error;
}

int sqz_csv_read_among(const struct sqz_memory_files *files, const char *path,
                       sqz_csv_handler handler, void *context, struct sqz_digest *digest,
                       struct sqz_diag *diag)
{
    struct reader reader = {
        .file = path, .handler = handler, .context = context, .digest = digest, .diag = diag};
    const struct sqz_memory_file *memory = find_memory(files, path);
    FILE *file;
    int error = memory != NULL ? open_memory(memory, &file, diag) : open_file(path, &file, diag);
    if (error != SQZ_OK)
        return error;
    reader.line = memory != NULL && memory->listed ? -1 : 0;
    error = parse(&reader, file);
    if (file != stdin)
        fclose(file);
    return error;
}

int sqz_csv_read(const char *path, sqz_csv_handler handler, void *context,
                 struct sqz_digest *digest, struct sqz_diag *diag)
{
    return sqz_csv_read_among(NULL, path, handler, context, digest, diag);
}
