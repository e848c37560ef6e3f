/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host of the library, as install.bats builds it against the installed tree: each word on its
 * command line is a use of the public header. It takes its locale from the environment, leaves
 * GSL's error handler on, and checks that both are still so. */
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <squeeze/squeeze.h>

/* ---- the host ------------------------------------------------------------------------------ */

static const char *decimal_point; /* of the environment's locale */

static void check(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "embed: %s\n", what);
    exit(1);
}

static void check_host(void)
{
    check(strcmp(localeconv()->decimal_point, decimal_point) == 0, "the locale has changed");
}

/* What failed as a line of its parts; the code is the exit status, its sign turned. */
static void check_code(int code, const sqz_failure *failure)
{
    char text[1200];
    check_host();
    if (code == SQZ_CODE_OK)
        return;
    check(code == failure->code, "the code returned is not that of the failure");
    sqz_failure_text(failure, text, sizeof text);
    printf("file=%s line=%ld field=%s\n%s\n", failure->file, failure->line, failure->field, text);
    exit(-code);
}

/* ---- scenarios ----------------------------------------------------------------------------- */

static sqz_case *load(const sqz_case_input *input)
{
    sqz_failure failure;
    sqz_case *loaded;
    int code = sqz_case_load(input, &loaded, &failure);
    check((code == SQZ_CODE_OK) == (loaded != NULL), "a case and an error, or neither");
    check_code(code, &failure);
    return loaded;
}

static sqz_case *load_file(const char *path, char **settings, int count)
{
    sqz_case_input input = {.size = sizeof input,
                            .path = path,
                            .settings = (const char *const *)settings,
                            .n_settings = (size_t)count};
    return load(&input);
}

static char *answer_of(const sqz_case *loaded, uint64_t paths, uint64_t seed, int threads)
{
    sqz_batch_input input = {
        .size = sizeof input, .paths = paths, .seed = seed, .threads = threads};
    sqz_failure failure;
    sqz_answer *answer;
    char *text;
    check_code(sqz_case_batch(loaded, &input, &answer, &failure), &failure);
    check_code(sqz_answer_json(answer, &text, &failure), &failure);
    sqz_answer_free(answer);
    return text;
}

/* json SCENARIO PATHS SEED THREADS [SETTING...] */
static void say_json(int count, char **word)
{
    sqz_case *loaded = load_file(word[0], word + 4, count - 4);
    char *text =
        answer_of(loaded, strtoull(word[1], NULL, 10), strtoull(word[2], NULL, 10), atoi(word[3]));
    fputs(text, stdout);
    sqz_string_free(text);
    sqz_case_free(loaded);
}

/* value SCENARIO PATHS SEED NAME... */
static void say_values(int count, char **word)
{
    sqz_case *loaded = load_file(word[0], NULL, 0);
    sqz_batch_input input = {.size = sizeof input,
                             .paths = strtoull(word[1], NULL, 10),
                             .seed = strtoull(word[2], NULL, 10)};
    sqz_failure failure;
    sqz_answer *answer;
    check_code(sqz_case_batch(loaded, &input, &answer, &failure), &failure);
    for (int i = 3; i < count; i++) {
        sqz_value value;
        check_code(sqz_answer_value(answer, word[i], &value, &failure), &failure);
        printf("%.17g %.17g %.17g %.17g\n", value.value, value.se, value.lo, value.hi);
    }
    sqz_answer_free(answer);
    sqz_case_free(loaded);
}

/* remarks SCENARIO [SETTING...] */
static void say_remarks(int count, char **word)
{
    sqz_case *loaded = load_file(word[0], word + 1, count - 1);
    size_t remarks = sqz_case_remarks(loaded);
    sqz_remark_note note;
    for (size_t i = 0; i < remarks; i++) {
        check(sqz_case_remark(loaded, i, &note) == SQZ_CODE_OK, "no such remark");
        printf("%s %s:%ld %s %zu\n", note.code, note.file, note.line, note.key, note.count);
    }
    check(sqz_case_remark(loaded, remarks, &note) == SQZ_CODE_USAGE, "one remark too many");
    sqz_case_free(loaded);
}

/* ---- memory -------------------------------------------------------------------------------- */

#define ROWS                                                                                       \
    "key,value,unit\nprice,100,usd\nhorizon,2,d\nvolatility,0.03,1/sqrt(d)\ntarget,104,usd\n"
static const char SCENARIO[] = ROWS "book.depth,1M,usd\nlevels,map.csv,\n";
static const char BARE[] = ROWS "book.depth,1M,usd\n";
static const char TABLE[] = ROWS "book,table,\nbook.table,depth.csv,\nlevels,map.csv,\n";
static const char MAP[] = "side,price_usd,notional_usd\nshort,101.5,2e6\nshort,103,1.5e6\n"
                          "long,98.5,1e6\n";
static const char DEPTH[] = "side,distance_bp,cumulative_usd\nask,50,4e5\nask,100,1e6\n"
                            "bid,100,1e6\n";

#define TEXT(file, content)                                                                        \
    {                                                                                              \
        .name = file, .text = content, .length = sizeof content - 1                                \
    }

/* The same from texts and from an array, but for what the array calls itself. */
static void check_memory(void)
{
    const sqz_text_input file[] = {TEXT("s.csv", SCENARIO), TEXT("map.csv", MAP)};
    const sqz_text_input bare[] = {TEXT("s.csv", BARE)};
    const sqz_level_input level[] = {{SQZ_SIDE_SHORT, 101.5, 2e6, 0},
                                     {SQZ_SIDE_SHORT, 103, 1.5e6, 0},
                                     {SQZ_SIDE_LONG, 98.5, 1e6, 0}};
    sqz_case_input texts = {.size = sizeof texts, .path = "s.csv", .files = file, .n_files = 2};
    sqz_case_input array = {.size = sizeof array,
                            .path = "s.csv",
                            .files = bare,
                            .n_files = 1,
                            .levels = level,
                            .n_levels = 3};
    sqz_case *one = load(&texts), *other = load(&array);
    char *first = answer_of(one, 600, 5, 1), *second = answer_of(other, 600, 5, 2);
    check(strcmp(first, second) == 0, "texts and arrays answer differently");
    fputs(first, stdout);
    sqz_string_free(first);
    sqz_string_free(second);
    sqz_case_free(one);
    sqz_case_free(other);
}

/* table: a table of depth in memory, levels that watch the mark. */
static void say_table(void)
{
    const sqz_text_input file[] = {TEXT("s.csv", TABLE), TEXT("map.csv", MAP),
                                   TEXT("depth.csv", DEPTH)};
    const char *settings[] = {"trigger=mark", "mark.window=20 s"};
    sqz_case_input input = {.size = sizeof input,
                            .path = "s.csv",
                            .files = file,
                            .n_files = 3,
                            .settings = settings,
                            .n_settings = 2};
    sqz_case *loaded = load(&input);
    char *text = answer_of(loaded, 600, 5, 2);
    fputs(text, stdout);
    sqz_string_free(text);
    sqz_case_free(loaded);
}

/* array N VALUE: element N of three has that price. */
static void load_array(int index, double price_usd)
{
    const sqz_text_input bare[] = {TEXT("s.csv", BARE)};
    sqz_level_input level[] = {{SQZ_SIDE_SHORT, 101.5, 2e6, 0},
                               {SQZ_SIDE_SHORT, 103, 1.5e6, 0},
                               {SQZ_SIDE_LONG, 98.5, 1e6, 0}};
    level[index].price_usd = price_usd;
    sqz_case_input input = {.size = sizeof input,
                            .path = "s.csv",
                            .files = bare,
                            .n_files = 1,
                            .levels = level,
                            .n_levels = 3};
    sqz_case_free(load(&input));
}

/* ---- threads ------------------------------------------------------------------------------- */

struct job {
    const sqz_case *loaded; /* NULL: one of its own */
    const char *path;
    uint64_t seed;
    char *text;
};

static void *work(void *context)
{
    struct job *job = context;
    sqz_case *own = job->loaded == NULL ? load_file(job->path, NULL, 0) : NULL;
    job->text = answer_of(own != NULL ? own : job->loaded, 300, job->seed, 2);
    sqz_case_free(own);
    return NULL;
}

/* threads SCENARIO: two handles in two threads, then one in both, as one after the other. */
static void check_threads(const char *path)
{
    sqz_case *loaded = load_file(path, NULL, 0);
    char *expected[2] = {answer_of(loaded, 300, 0, 1), answer_of(loaded, 300, 1, 1)};
    for (int shared = 0; shared < 2; shared++) {
        pthread_t thread[2];
        struct job job[2];
        for (int i = 0; i < 2; i++) {
            job[i] = (struct job){shared ? loaded : NULL, path, (uint64_t)i, NULL};
            check(pthread_create(&thread[i], NULL, work, &job[i]) == 0, "no thread");
        }
        for (int i = 0; i < 2; i++) {
            pthread_join(thread[i], NULL);
            check(strcmp(job[i].text, expected[i]) == 0, "threads change an answer");
            sqz_string_free(job[i].text);
        }
    }
    for (int i = 0; i < 2; i++)
        sqz_string_free(expected[i]);
    sqz_case_free(loaded);
}

/* ---- progress ------------------------------------------------------------------------------ */

static int enough(void *context, uint64_t done, uint64_t all)
{
    uint64_t *seen = context;
    check_host();
    check(done > *seen && all == 2000, "progress goes back");
    *seen = done;
    return done >= 500;
}

/* cancel SCENARIO: the answer is that of the paths that were complete. */
static void check_cancel(const char *path)
{
    sqz_case *loaded = load_file(path, NULL, 0);
    uint64_t seen = 0;
    sqz_batch_input input = {.size = sizeof input,
                             .paths = 2000,
                             .seed = 3,
                             .threads = 2,
                             .progress = enough,
                             .context = &seen};
    sqz_failure failure;
    sqz_answer *answer;
    sqz_value paths;
    char *text, *whole;
    check(sqz_case_batch(loaded, &input, &answer, &failure) == SQZ_CODE_CANCELLED,
          "the batch went on");
    check(answer != NULL && failure.code == SQZ_CODE_CANCELLED, "no answer");
    check_code(sqz_answer_value(answer, "paths", &paths, &failure), &failure);
    check(paths.value >= 500 && paths.value < 2000 && paths.value == (double)seen, "other paths");
    check_code(sqz_answer_json(answer, &text, &failure), &failure);
    whole = answer_of(loaded, (uint64_t)paths.value, 3, 1);
    check(strcmp(text, whole) == 0, "the answer is not that of its paths");
    sqz_string_free(text);
    sqz_string_free(whole);
    sqz_answer_free(answer);
    sqz_case_free(loaded);
}

/* ---- one path ------------------------------------------------------------------------------ */

static void say_event(void *context, const sqz_path_event *event)
{
    int *last = context;
    check_host();
    check(*last != SQZ_PATH_HORIZON, "an event after the end");
    *last = event->kind;
    if (event->kind == SQZ_PATH_LIQUIDATION)
        printf("%.17g %.17g %.17g %s %d\n", event->time_s, event->price_usd, event->notional_usd,
               event->side == SQZ_SIDE_SHORT ? "short" : "long", event->generation);
}

/* path SCENARIO SEED PATH: its liquidations, then how it ended. */
static void say_path(char **word)
{
    sqz_case *loaded = load_file(word[0], NULL, 0);
    int last = -1;
    sqz_path_input input = {.size = sizeof input,
                            .seed = strtoull(word[1], NULL, 10),
                            .path = strtoull(word[2], NULL, 10),
                            .event = say_event,
                            .context = &last};
    sqz_failure failure;
    sqz_path_summary end;
    check_code(sqz_case_path(loaded, &input, &end, &failure), &failure);
    check(last == SQZ_PATH_HORIZON, "the path has no end");
    printf("%.17g %.17g %.17g\n", end.final_usd, end.peak_usd, end.forced_short_usd);
    sqz_case_free(loaded);
}

/* ---- margin -------------------------------------------------------------------------------- */

/* margin FILE VENUE */
static void say_margin(char **word)
{
    sqz_holdings_input input = {.size = sizeof input, .path = word[0], .venue = word[1]};
    sqz_failure failure;
    sqz_holdings *holdings;
    char *text;
    check_code(sqz_holdings_load(&input, &holdings, &failure), &failure);
    check_code(sqz_holdings_json(holdings, &text, &failure), &failure);
    fputs(text, stdout);
    sqz_string_free(text);
    sqz_holdings_free(holdings);
}

/* holdings: an isolated long of 10x with maintenance of 1 %, by hand: the entry e, quantity q and
 * margin m = e q / 10 are out where q (p - e) + m = 0.01 q p, at p = 0.9 e / 0.99. */
static void check_holdings(void)
{
    const sqz_position_input position[] = {
        {.side = SQZ_SIDE_LONG, .entry_usd = 80000, .quantity = 0.5, .leverage = 10},
        {.side = SQZ_SIDE_SHORT,
         .entry_usd = 80000,
         .quantity = 2,
         .cross = 1,
         .account = "a \"b\", c",
         .margin_usd = 16000}};
    const char *settings[] = {"venue.maintenance=1 %", "venue.fee=0"};
    sqz_holdings_input input = {.size = sizeof input,
                                .positions = position,
                                .n_positions = 2,
                                .settings = settings,
                                .n_settings = 2};
    sqz_failure failure;
    sqz_holdings *holdings;
    sqz_margin_price price;
    check_code(sqz_holdings_load(&input, &holdings, &failure), &failure);
    check(sqz_holdings_rows(holdings) == 2, "rows");
    check(sqz_holdings_price(holdings, 0, &price) == SQZ_CODE_OK, "row 0");
    check(fabs(price.liquidation_usd - 72000 / 0.99) < 1e-8, "liquidation price of the long");
    check(fabs(price.bankruptcy_usd - 72000) < 1e-8, "bankruptcy price of the long");
    check(price.side == SQZ_SIDE_LONG && price.account[0] == '\0' && isnan(price.tier), "the long");
    check(sqz_holdings_price(holdings, 1, &price) == SQZ_CODE_OK, "row 1");
    check(fabs(price.liquidation_usd - 88000 / 1.01) < 1e-8, "liquidation price of the short");
    check(strcmp(price.account, "a \"b\", c") == 0, "the account's name");
    check(sqz_holdings_price(holdings, 2, &price) == SQZ_CODE_USAGE, "row 2");
    sqz_holdings_free(holdings);
}

/* ---- what a host can get wrong ------------------------------------------------------------- */

static void check_refusals(void)
{
    sqz_failure failure;
    sqz_case *loaded;
    sqz_answer *answer;
    sqz_holdings *holdings;
    sqz_case_input input = {.path = "s.csv"};
    sqz_batch_input batch = {.size = sizeof batch};
    sqz_holdings_input margin = {.size = sizeof margin};
    check(sqz_case_load(&input, &loaded, &failure) == SQZ_CODE_USAGE, "no size");
    check(strcmp(failure.field, "size") == 0 && loaded == NULL, "no size");
    input.size = sizeof input + 8;
    check(sqz_case_load(&input, &loaded, NULL) == SQZ_CODE_USAGE, "a later version");
    input = (sqz_case_input){.size = sizeof input};
    check(sqz_case_load(&input, &loaded, &failure) == SQZ_CODE_USAGE, "no path");
    check(sqz_holdings_load(&margin, &holdings, &failure) == SQZ_CODE_USAGE, "no positions");
    const sqz_text_input file[] = {TEXT("s.csv", SCENARIO), TEXT("map.csv", MAP)};
    input = (sqz_case_input){.size = sizeof input, .path = "s.csv", .files = file, .n_files = 2};
    loaded = load(&input);
    check(sqz_case_batch(loaded, &batch, &answer, &failure) == SQZ_CODE_USAGE, "no paths");
    check(strcmp(failure.field, "paths") == 0 && answer == NULL, "no paths");
    batch.paths = 10;
    batch.max_events = 1;
    check(sqz_case_batch(loaded, &batch, &answer, &failure) == SQZ_CODE_LIMIT, "one event");
    check(answer != NULL, "no answer of paths that were cut off");
    sqz_value value;
    check(sqz_answer_value(answer, "target.nothing", &value, &failure) == SQZ_CODE_USAGE, "name");
    check(strstr(failure.message, "probability_without_impact") != NULL, "what there is");
    check(sqz_answer_value(answer, "scenario", &value, &failure) == SQZ_CODE_USAGE, "a text");
    check(sqz_answer_value(answer, "final_usd", &value, &failure) == SQZ_CODE_USAGE, "several");
    sqz_answer_free(answer);
    sqz_case_free(loaded);
    sqz_case_free(NULL);
    sqz_answer_free(NULL);
    sqz_holdings_free(NULL);
    sqz_string_free(NULL);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    decimal_point = strdup(localeconv()->decimal_point);
    const char *use = argc > 1 ? argv[1] : "";
    check(sqz_version_number() == SQZ_VERSION_NUMBER, "header and library differ");
    if (strcmp(use, "version") == 0)
        printf("%s %d.%d.%d %s\n", sqz_version_text(), SQZ_VERSION_MAJOR, SQZ_VERSION_MINOR,
               SQZ_VERSION_PATCH, decimal_point);
    else if (strcmp(use, "json") == 0 && argc >= 6)
        say_json(argc - 2, argv + 2);
    else if (strcmp(use, "value") == 0 && argc >= 6)
        say_values(argc - 2, argv + 2);
    else if (strcmp(use, "remarks") == 0 && argc >= 3)
        say_remarks(argc - 2, argv + 2);
    else if (strcmp(use, "memory") == 0)
        check_memory();
    else if (strcmp(use, "table") == 0)
        say_table();
    else if (strcmp(use, "array") == 0 && argc == 4)
        load_array(atoi(argv[2]), strtod(argv[3], NULL));
    else if (strcmp(use, "threads") == 0 && argc == 3)
        check_threads(argv[2]);
    else if (strcmp(use, "cancel") == 0 && argc == 3)
        check_cancel(argv[2]);
    else if (strcmp(use, "path") == 0 && argc == 5)
        say_path(argv + 2);
    else if (strcmp(use, "margin") == 0 && argc == 4)
        say_margin(argv + 2);
    else if (strcmp(use, "holdings") == 0)
        check_holdings();
    else if (strcmp(use, "refusals") == 0)
        check_refusals();
    else
        check(0, "no such use");
    check_host();
    free((char *)decimal_point);
    return 0;
}
