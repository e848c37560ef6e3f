/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a batch has done in a file: added to, torn, spoilt, read again, written anew. */
#include "tests/unit/scratch.h"

#include <math.h>
#include <sys/stat.h>

#include "sim/batch/store.h"
#include "sim/core/rng.h"

enum { PATHS = 40, PART = 10, PARTS = PATHS / PART, FAN = 2 };
static const char IDENTITY[] = "{\"one\":1}", COMMAND[] = "[\"squeeze\",\"batch\"]";

struct tallies {
    struct sqz_tally tally[2];
    struct sqz_pair pair;
    struct sqz_tallies all;
};

static void init(struct tallies *tallies)
{
    memset(tallies, 0, sizeof *tallies);
    for (int w = 0; w < 2; w++)
        assert_int_equal(sqz_tally_init(&tallies->tally[w], 1000, 1, FAN, NULL), SQZ_OK);
    tallies->all = (struct sqz_tallies){tallies->tally, &tallies->pair, 2, 1};
}

static void finish(struct tallies *tallies)
{
    for (int w = 0; w < 2; w++)
        sqz_tally_free(&tallies->tally[w]);
}

/* Paths whose outcomes are drawn; each touches every kind of member. */
static void add_path(struct tallies *tallies, uint64_t path)
{
    struct sqz_outcome outcome[2];
    struct sqz_stream stream;
    sqz_stream_open(&stream, 5, path, 0);
    for (int w = 0; w < 2; w++) {
        double u = sqz_stream_uniform(&stream), v = sqz_stream_uniform(&stream);
        outcome[w] = (struct sqz_outcome){.final_log = u - 0.5,
                                          .peak_log = u,
                                          .trough_log = -v,
                                          .forced_usd = {u > 0.5 ? 1e7 * u : 0, 3e5 * v},
                                          .touch_s = {u > 0.3 ? 1000 * u : NAN, NAN},
                                          .stop = v > 0.7 ? SQZ_STOP_MAX_EVENTS : SQZ_STOP_HORIZON,
                                          .cascades = v > 0.4,
                                          .generations = (unsigned)(9 * v),
                                          .largest_cascade_usd = 1e6 * v,
                                          .beyond_known = u > 0.8,
                                          .exhausted = v > 0.9};
        assert_int_equal(sqz_tally_add(&tallies->tally[w], path, &outcome[w]), SQZ_OK);
        assert_int_equal(sqz_histogram_add(&tallies->tally[w].fan[1], v), SQZ_OK);
    }
    sqz_pair_add(&tallies->pair, &outcome[0], &outcome[1]);
}

static void add_paths(struct tallies *tallies, uint64_t first, uint64_t end)
{
    for (uint64_t path = first; path < end; path++)
        add_path(tallies, path);
}

/* All that can be told from tallies: the bytes they are stored as. */
static char *bytes_of(const struct sqz_tallies *tallies, uint64_t end, size_t *size)
{
    struct sqz_range range = {0, end};
    struct sqz_ranges paths = {.item = &range, .count = 1};
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    assert_non_null(file);
    assert_int_equal(sqz_store_write(file, IDENTITY, &paths, tallies, NULL), SQZ_OK);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void check_same(const struct sqz_tallies *tallies, uint64_t end)
{
    struct tallies expected;
    size_t size, expected_size;
    init(&expected);
    add_paths(&expected, 0, end);
    char *bytes = bytes_of(tallies, end, &size);
    char *expected_bytes = bytes_of(&expected.all, end, &expected_size);
    assert_int_equal(size, expected_size);
    assert_memory_equal(bytes, expected_bytes, size);
    free(bytes);
    free(expected_bytes);
    finish(&expected);
}

static void add_part(struct sqz_store *store, uint64_t part)
{
    struct sqz_ranges paths = {0};
    struct tallies tallies;
    struct sqz_diag diag = {0};
    init(&tallies);
    add_paths(&tallies, part * PART, (part + 1) * PART);
    assert_int_equal(sqz_ranges_add(&paths, part * PART, (part + 1) * PART), SQZ_OK);
    assert_int_equal(sqz_store_add(store, &paths, &tallies.all, &diag), SQZ_OK);
    sqz_ranges_free(&paths);
    finish(&tallies);
}

static void check_loads(const struct sqz_store *store, uint64_t end)
{
    struct tallies tallies;
    init(&tallies);
    assert_int_equal(sqz_store_load(store, &tallies.all, NULL), SQZ_OK);
    assert_int_equal(sqz_ranges_total(&store->done), end);
    check_same(&tallies.all, end);
    finish(&tallies);
}

/* A store with the first `parts` parts, in an order of its own. */
static const char *make(struct scratch *scratch, uint64_t parts)
{
    static const uint64_t ORDER[PARTS][PARTS] = {{0}, {1, 0}, {2, 0, 1}, {0, 3, 1, 2}};
    struct sqz_store store;
    const char *path = scratch_write(scratch, "state", "");
    unlink(path);
    assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
    assert_int_equal(sqz_store_begin(&store, IDENTITY, COMMAND, NULL), SQZ_OK);
    for (uint64_t i = 0; i < parts; i++)
        add_part(&store, ORDER[parts - 1][i]);
    sqz_store_close(&store);
    return path;
}

static char *read_file(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(stat(path, &info), 0);
    char *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    return bytes;
}

static void test_parts_in_any_order_are_the_whole(void **state)
{
    struct sqz_store store;
    for (uint64_t parts = 1; parts <= PARTS; parts++) {
        const char *path = make(*state, parts);
        assert_int_equal(sqz_store_open(&store, path, false, NULL), SQZ_OK);
        assert_string_equal(store.identity, IDENTITY);
        assert_string_equal(store.command, COMMAND);
        assert_int_equal(store.done.count, 1);
        check_loads(&store, parts * PART);
        sqz_store_close(&store);
    }
}

/* Cut off at any byte: what is whole before it stands, and the rest can be run again. */
static void test_torn_anywhere(void **state)
{
    size_t size, one;
    free(read_file(make(*state, 1), &one));
    char *bytes = read_file(make(*state, 2), &size); /* parts 1, then 0 */
    for (size_t cut = one; cut < size; cut += 1 + (cut > one + 60 && cut < size - 60) * 97) {
        struct sqz_store store;
        const char *path = scratch_write_bytes(*state, "torn", bytes, cut);
        assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
        assert_int_equal(sqz_ranges_total(&store.done), cut < size ? store.done.count * PART : 0);
        bool second = sqz_ranges_gap(&store.done, PART).first > PART;
        if (!second)
            add_part(&store, 1);
        add_part(&store, 0);
        check_loads(&store, 2 * PART);
        sqz_store_close(&store);
    }
    free(bytes);
}

/* A byte that changed on the disk: the record it is in is not taken. */
static void test_spoilt(void **state)
{
    size_t size, one;
    free(read_file(make(*state, 1), &one));
    char *bytes = read_file(make(*state, 1), &size);
    for (size_t at = 9; at < size; at += 5) {
        struct sqz_store store;
        struct sqz_diag diag = {0};
        bytes[at] = (char)(bytes[at] ^ 4);
        const char *path = scratch_write_bytes(*state, "spoilt", bytes, size);
        int error = sqz_store_open(&store, path, false, &diag);
        if (error == SQZ_OK)
            assert_int_equal(sqz_ranges_total(&store.done), 0);
        else
            check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "is no state of a batch");
        sqz_store_close(&store);
        bytes[at] = (char)(bytes[at] ^ 4);
    }
    free(bytes);
}

static void test_foreign_files(void **state)
{
    static const char *const TEXTS[] = {"", "S", "SQZSTATE\2", "time,price\n1,2\n"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct sqz_store store;
        struct sqz_diag diag = {0};
        const char *path = scratch_write(*state, "foreign", TEXTS[i]);
        assert_int_equal(sqz_store_open(&store, path, true, &diag), SQZ_ERR_DATA);
        check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "is no state of a batch");
        sqz_store_close(&store);
        size_t size;
        free(read_file(path, &size));
        assert_int_equal(size, strlen(TEXTS[i])); /* nothing was cut off of it */
    }
}

static void test_one_run_at_a_time(void **state)
{
    struct sqz_store first, second;
    struct sqz_diag diag = {0};
    const char *path = make(*state, 1);
    assert_int_equal(sqz_store_open(&first, path, true, NULL), SQZ_OK);
    assert_int_equal(sqz_store_open(&second, path, true, &diag), SQZ_ERR_IO);
    check_diag(&diag, SQZ_ERR_IO, path, 0, "", "another run");
    sqz_store_close(&first);
    assert_int_equal(sqz_store_open(&second, path, true, NULL), SQZ_OK);
    sqz_store_close(&second);
}

/* Tallies of other worlds are another batch, whatever the identity says. */
static void test_tallies_that_do_not_fit(void **state)
{
    struct sqz_store store;
    struct tallies tallies;
    struct sqz_diag diag = {0};
    const char *path = make(*state, 1);
    init(&tallies);
    tallies.all.n_worlds = 1;
    assert_int_equal(sqz_store_open(&store, path, false, NULL), SQZ_OK);
    assert_int_equal(sqz_store_load(&store, &tallies.all, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "does not fit this batch");
    sqz_store_close(&store);
    finish(&tallies);
}

static void test_written_anew(void **state)
{
    struct sqz_store store;
    struct tallies all;
    size_t before, after;
    const char *path = make(*state, PARTS);
    free(read_file(path, &before));
    init(&all);
    assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
    assert_int_equal(sqz_store_load(&store, &all.all, NULL), SQZ_OK);
    assert_int_equal(sqz_store_compact(&store, &all.all, NULL), SQZ_OK);
    check_loads(&store, PATHS);
    sqz_store_close(&store);
    free(read_file(path, &after));
    assert_true(after < before);
    assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
    check_loads(&store, PATHS);
    sqz_store_close(&store);
    finish(&all);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void add_rows(struct sqz_store *store, uint64_t first, uint64_t count)
{
    char text[400] = "";
    for (uint64_t i = 0; i < count; i++)
        sprintf(text + strlen(text), "%d,x\n", (int)(first + i));
    assert_int_equal(sqz_store_add_rows(store, (struct sqz_range){first, first + count}, text,
                                        strlen(text), NULL),
                     SQZ_OK);
}

static void check_rows(struct sqz_store *store, uint64_t end)
{
    char *text = NULL, expected[800] = "";
    size_t size;
    FILE *file = open_memstream(&text, &size);
    for (uint64_t i = 0; i < end; i++)
        sprintf(expected + strlen(expected), "%d,x\n", (int)i);
    assert_int_equal(sqz_store_copy_rows(store, file, NULL), SQZ_OK);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

/* Rows of paths whose tallies were lost are there twice, and are copied once. */
static void test_rows(void **state)
{
    struct sqz_store store;
    const char *path = make(*state, 1);
    assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
    add_rows(&store, 5, 5);
    add_rows(&store, 10, 7);
    add_rows(&store, 0, 5);
    check_rows(&store, PART);
    add_rows(&store, 10, PART);
    add_part(&store, 1);
    check_rows(&store, 2 * PART);
    sqz_store_close(&store);
    assert_int_equal(sqz_store_open(&store, path, false, NULL), SQZ_OK);
    check_rows(&store, 2 * PART);
    sqz_store_close(&store);
}

static void test_rows_that_lack(void **state)
{
    struct sqz_store store;
    struct sqz_diag diag = {0};
    char *text = NULL;
    size_t size;
    const char *path = make(*state, 2);
    assert_int_equal(sqz_store_open(&store, path, true, NULL), SQZ_OK);
    add_rows(&store, 0, PART);
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(sqz_store_copy_rows(&store, file, &diag), SQZ_ERR_DATA);
    check_diag(&diag, SQZ_ERR_DATA, path, 0, "", "lacks rows");
    fclose(file);
    free(text);
    sqz_store_close(&store);
}

#define SCRATCH_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_parts_in_any_order_are_the_whole),
        SCRATCH_TEST(test_torn_anywhere),
        SCRATCH_TEST(test_spoilt),
        SCRATCH_TEST(test_foreign_files),
        SCRATCH_TEST(test_one_run_at_a_time),
        SCRATCH_TEST(test_tallies_that_do_not_fit),
        SCRATCH_TEST(test_written_anew),
        SCRATCH_TEST(test_rows),
        SCRATCH_TEST(test_rows_that_lack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
