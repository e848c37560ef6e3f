#include "sim/io/csv.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <csv.h>
#include <sha256.h>

#include "sim/io/nearest.h"
#include "sim/io/units.h"

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

/* What the first line that says anything tells of the file. */
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
        return sqz_fail_at(diag, SQZ_ERR_DATA, path, 0, NULL, "cannot be opened: %s",
                           strerror(errno));
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

/* ---- columns ------------------------------------------------------------------------------- */

/* The next letter or digit of a name, in lower case; '\0' at its end. */
static char next_letter(const char **name, const char *end)
{
    while (*name < end && !isalnum((unsigned char)**name))
        ++*name;
    return *name < end ? (char)tolower((unsigned char)*(*name)++) : '\0';
}

/* "Entry Price", "entry-price" and "entryPrice" are entry_price. */
static bool same_name(const char *a, size_t length_a, const char *b, size_t length_b)
{
    const char *end_a = a + length_a, *end_b = b + length_b;
    char letter = '\0';
    do {
        letter = next_letter(&a, end_a);
        if (letter != next_letter(&b, end_b))
            return false;
    } while (letter != '\0');
    return true;
}

/* Whether `name` is one of `names`, which have blanks between; NULL holds none. */
static bool is_among(const char *names, const char *name)
{
    size_t length = strlen(name);
    while (names != NULL && *names != '\0') {
        size_t size = strcspn(names, " ");
        if (same_name(names, size, name, length))
            return true;
        names += size + strspn(names + size, " ");
    }
    return false;
}

static size_t find_column(const struct sqz_csv_column *column, size_t count, const char *name)
{
    for (size_t c = 0; c < count; c++)
        if (strcmp(column[c].name, name) == 0)
            return c;
    for (size_t c = 0; name[0] != '\0' && c < count; c++)
        if (is_among(column[c].name, name) || is_among(column[c].aliases, name))
            return c;
    return SQZ_CSV_ABSENT;
}

/* "side,price_usd[,leverage]" */
static void list_columns(const struct sqz_csv_column *column, size_t count, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t c = 0; c < count; c++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s%s%s%s", column[c].required ? "" : "[",
                 c > 0 ? "," : "", column[c].name, column[c].required ? "" : "]");
    }
}

int sqz_csv_match(const struct sqz_csv_row *header, struct sqz_csv_column *column, size_t count,
                  struct sqz_diag *diag)
{
    char expected[512];
    list_columns(column, count, expected, sizeof expected);
    return sqz_csv_match_given(header, column, count, expected, diag);
}

static bool has_name(const struct sqz_csv_row *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (strcmp(header->field[i], name) == 0)
            return true;
    return false;
}

/* Which column was meant: not one that is there as well. */
static int fail_unknown(const struct sqz_csv_row *header, const char *name,
                        const struct sqz_csv_column *column, size_t count, const char *expected,
                        struct sqz_diag *diag)
{
    struct sqz_nearest nearest = sqz_nearest_begin(name);
    for (size_t c = 0; c < count; c++) {
        if (is_among(column[c].unclear, name))
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "unknown column: it may mean %s, or coins; expected %s",
                               column[c].name, expected);
        if (!has_name(header, column[c].name))
            sqz_nearest_offer(&nearest, column[c].name);
    }
    return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                       "unknown column%s%s expected %s", sqz_nearest_hint(&nearest, ""),
                       nearest.best != NULL ? "" : ";", expected);
}

int sqz_csv_match_given(const struct sqz_csv_row *header, struct sqz_csv_column *column,
                        size_t count, const char *expected, struct sqz_diag *diag)
{
    for (size_t c = 0; c < count; c++)
        column[c].index = SQZ_CSV_ABSENT;
    for (size_t i = 0; i < header->count; i++) {
        const char *name = header->field[i];
        size_t c = find_column(column, count, name);
        if (c == SQZ_CSV_ABSENT)
            return fail_unknown(header, name, column, count, expected, diag);
        if (column[c].index != SQZ_CSV_ABSENT)
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, name,
                               "column given twice%s%s",
                               strcmp(name, column[c].name) == 0 ? "" : ": it means ",
                               strcmp(name, column[c].name) == 0 ? "" : column[c].name);
        column[c].index = i;
    }
    for (size_t c = 0; c < count; c++)
        if (column[c].required && column[c].index == SQZ_CSV_ABSENT)
            return sqz_fail_at(diag, SQZ_ERR_DATA, header->file, header->line, column[c].name,
                               "missing column; expected a header line %s", expected);
    return SQZ_OK;
}

const char *sqz_csv_field(const struct sqz_csv_row *row, const struct sqz_csv_column *column)
{
    return column->index < row->count ? row->field[column->index] : "";
}

bool sqz_csv_is(const struct sqz_csv_row *row, const struct sqz_csv_column *column,
                const char *word)
{
    return strcasecmp(sqz_csv_field(row, column), word) == 0;
}

int sqz_csv_side(const struct sqz_csv_row *row, const struct sqz_csv_column *column, bool *is_long,
                 struct sqz_diag *diag)
{
    *is_long = sqz_csv_is(row, column, "long");
    if (*is_long || sqz_csv_is(row, column, "short"))
        return SQZ_OK;
    bool order = sqz_csv_is(row, column, "buy") || sqz_csv_is(row, column, "sell");
    return sqz_fail_at(
        diag, SQZ_ERR_DATA, row->file, row->line, column->name,
        "'%s' is not a side; expected short or long, the position that gets closed%s",
        sqz_csv_field(row, column),
        order ? " (a buy opens a long, and closes a short: it could mean either)" : "");
}

/* ---- width -------------------------------------------------------------------------------- */

int sqz_csv_check_width(const struct sqz_csv_row *row, size_t header_count, struct sqz_diag *diag)
{
    if (row->count == header_count)
        return SQZ_OK;
    return sqz_fail_at(diag, SQZ_ERR_DATA, row->file, row->line, NULL,
                       "%zu field%s; expected %zu, as in the header", row->count,
                       row->count == 1 ? "" : "s", header_count);
}
