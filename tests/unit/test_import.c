/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Importers on hostile input: every small file of tests/import cut off anywhere, and with bytes
 * changed, is read or refused with a sentence, never more. And the rules by which bins become
 * levels. */
#include "tests/unit/scratch.h"

#include <math.h>

#include "sim/core/rng.h"
#include "sim/io/import_write.h"

static const char FILES[] = "tests/import";
static const double PRICE_USD = 62480.5;

static const struct sqz_import_terms AUTO = {.format = "auto"};

/* ---- any text ----------------------------------------------------------------------------------
 */

static int make_levels(struct sqz_import *import, FILE *out, struct sqz_diag *diag)
{
    int error = sqz_import_order_maps(import, diag);
    const struct sqz_import_map *map = import->map.item;
    for (size_t i = 0; error == SQZ_OK && i < import->map.count; i++) {
        struct sqz_import_levels levels;
        error = sqz_import_levels_make(&levels, import, &map[i], PRICE_USD, diag);
        if (error == SQZ_OK)
            sqz_import_write_levels(out, &levels);
        sqz_import_levels_free(&levels);
    }
    return error;
}

/* Take a file through all that `squeeze import` does with it. */
static int take(const char *path, const struct sqz_import_terms *terms, FILE *out,
                struct sqz_diag *diag)
{
    struct sqz_import import;
    char *file = (char *)path;
    int error = sqz_import_read(&import, terms, &file, 1, diag);
    if (error == SQZ_OK)
        error = sqz_import_finish(&import, path, diag);
    if (error == SQZ_OK && import.format->kind == SQZ_IMPORT_LEVELS)
        error = make_levels(&import, out, diag);
    else if (error == SQZ_OK)
        sqz_import_write(out, &import);
    sqz_import_free(&import);
    return error;
}

struct text {
    char bytes[8192];
    size_t size;
};

static void read_text(struct text *text, const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", FILES, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text->size = fread(text->bytes, 1, sizeof text->bytes, file);
    assert_true(text->size > 0 && text->size < sizeof text->bytes);
    fclose(file);
}

/* Refused is refused with a sentence that names the file. */
static void take_text(struct scratch *scratch, const char *name, const struct text *text,
                      size_t size, FILE *out)
{
    struct sqz_diag diag = {0};
    const char *path = scratch_write_bytes(scratch, name, text->bytes, size);
    int error = take(path, &AUTO, out, &diag);
    if (error == SQZ_OK)
        return;
    assert_int_equal(error, SQZ_ERR_DATA);
    assert_int_equal(diag.code, SQZ_ERR_DATA);
    assert_true(diag.message[0] != '\0');
}

enum { CUTS = 60, CHANGES = 120, SEED = 41 };

static void mutate(struct scratch *scratch, const char *name, FILE *out)
{
    static const char BYTES[] = "{}[]\",:-.eE019 \n\xc3\x00nt";
    struct text whole, text;
    struct sqz_stream stream;
    sqz_stream_open(&stream, SEED, (uint64_t)name[0] * 256 + (uint64_t)name[strlen(name) - 6], 0);
    read_text(&whole, name);
    take_text(scratch, name, &whole, whole.size, out);
    for (size_t k = 0; k < CUTS; k++)
        take_text(scratch, name, &whole, whole.size * k / CUTS, out);
    for (size_t k = 0; k < CHANGES; k++) {
        text = whole;
        for (size_t i = 0; i <= k % 3; i++) {
            size_t at = (size_t)(sqz_stream_uniform(&stream) * (double)whole.size);
            size_t byte = (size_t)(sqz_stream_uniform(&stream) * (double)(sizeof BYTES - 1));
            text.bytes[at % whole.size] = BYTES[byte];
        }
        take_text(scratch, name, &text, text.size, out);
    }
}

static void test_broken_files(void **state)
{
    size_t files = 0;
    FILE *out = fopen("/dev/null", "w");
    DIR *folder = opendir(FILES);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        mutate(*state, entry->d_name, out);
        files++;
    }
    closedir(folder);
    fclose(out);
    assert_true(files > 25);
}

/* Every format that is named for a file of another one refuses it. */
static void test_wrong_formats(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/null", "w");
    const struct sqz_import_format *format;
    DIR *folder = opendir(FILES);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", FILES, entry->d_name);
        for (size_t i = 0; entry->d_name[0] != '.' && (format = sqz_import_format_at(i)); i++) {
            struct sqz_import_terms terms = {.format = format->name};
            struct sqz_diag diag = {0};
            int error = take(path, &terms, out, &diag);
            assert_true(error == SQZ_OK || error == SQZ_ERR_DATA);
        }
    }
    closedir(folder);
    fclose(out);
}

/* ---- how bins become levels --------------------------------------------------------------------
 */

/* Levels of one map of `text`, a table of price, usd and perhaps side. */
static void levels_of(struct sqz_import_levels *levels, struct sqz_import *import,
                      struct scratch *scratch, const char *text)
{
    struct sqz_diag diag = {0};
    char *file = (char *)scratch_write(scratch, "levels.csv", text);
    assert_int_equal(sqz_import_read(import, &AUTO, &file, 1, &diag), SQZ_OK);
    assert_int_equal(sqz_import_levels_make(levels, import, import->map.item, PRICE_USD, &diag),
                     SQZ_OK);
}

/* Eight bins of 200 usd, 32 bp, around a price in the third: what says no side is shared out by how
 * much of the bin lies on either side of the price; nothing is lost. */
static void test_wide_bins(void **state)
{
    struct sqz_import import;
    struct sqz_import_levels levels;
    levels_of(&levels, &import, *state,
              "price,usd\n62000,100\n62200,200\n62400,1000\n62600,300\n62800,400\n63000,500\n"
              "63200,600\n63400,700\n");
    const struct sqz_import_level *level = levels.row.item;
    double below = (PRICE_USD - 62300) / 200; /* of the bin from 62,300 to 62,500 */
    check_near("longs", levels.total_usd[SQZ_DOWN], 300 + 1000 * below, 1e-9);
    check_near("shorts", levels.total_usd[SQZ_UP], 2500 + 1000 * (1 - below), 1e-9);
    for (size_t i = 1; i < levels.row.count; i++)
        assert_true(level[i].price_usd - level[i - 1].price_usd < 0.0005 * 63500);
    assert_true(level[0].price_usd > 61900 && level[0].price_usd < 61920);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
}

/* Narrow bins stay where they are, and so do prices that are no grid. */
static void test_narrow_bins(void **state)
{
    struct sqz_import import;
    struct sqz_import_levels levels;
    levels_of(&levels, &import, *state,
              "price,usd\n62000,100\n62010,1\n62020,1\n62030,1\n62040,1\n62050,1\n62060,1\n"
              "62080,1\n63000,5\n");
    assert_int_equal(levels.row.count, 9);
    assert_int_equal(levels.spread, 0);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
    levels_of(
        &levels, &import, *state,
        "price,usd\n62000,1\n62210,1\n62400,1\n62650,1\n62800,1\n63000,1\n63200,1\n64000,1\n");
    assert_int_equal(levels.row.count, 8);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
    /* Seven even distances may be chance: a map of a few round prices is none of bins. */
    levels_of(&levels, &import, *state,
              "price,usd\n62000,1\n62200,1\n62400,1\n62600,1\n62800,1\n63000,1\n63200,1\n");
    assert_int_equal(levels.row.count, 7);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
}

/* Both sides in a bin: each on its own side; a side that lies wholly on the wrong one has fired. */
static void test_both_sides_in_one_bin(void **state)
{
    struct sqz_import import;
    struct sqz_import_levels levels;
    levels_of(&levels, &import, *state,
              "price,long_usd,short_usd\n62000,10,11\n62200,20,21\n62400,30,31\n62600,40,41\n"
              "62800,50,51\n63000,60,61\n63200,70,71\n63400,80,81\n");
    check_near("longs", levels.total_usd[SQZ_DOWN], 10 + 20 + 30, 1e-9);
    check_near("shorts", levels.total_usd[SQZ_UP], 31 + 41 + 51 + 61 + 71 + 81, 1e-9);
    assert_int_equal(import.dropped[SQZ_DROP_CROSSED].count, 2 + 5);
    check_near("fired", import.dropped[SQZ_DROP_CROSSED].usd, 11 + 21 + 40 + 50 + 60 + 70 + 80,
               1e-9);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
}

/* Exactly at the price, and no side: nobody knows; at 0 with one: never. */
static void test_at_the_price_and_never(void **state)
{
    struct sqz_import import;
    struct sqz_import_levels levels;
    levels_of(&levels, &import, *state,
              "side,price,usd\n,62480.5,7\nshort,62480.5,9\nlong,0,3\nshort,62480.6,5\n");
    assert_int_equal(levels.row.count, 1);
    assert_int_equal(import.dropped[SQZ_DROP_AT_PRICE].count, 1);
    assert_int_equal(import.dropped[SQZ_DROP_CROSSED].count, 1);
    assert_int_equal(import.dropped[SQZ_DROP_NEVER].count, 1);
    sqz_import_levels_free(&levels);
    sqz_import_free(&import);
}

static void check_time(const char *name, double expected_s)
{
    double time_s = sqz_import_name_time(name);
    if (isnan(expected_s))
        assert_true(isnan(time_s));
    else
        assert_true(time_s == expected_s);
}

static void test_times_in_names(void **state)
{
    (void)state;
    check_time("maps/map_BTC_1d_20260310T173131Z.json", 1773163891);
    check_time("20260310T1731.csv", 1773163860);
    check_time("20250101T000000Z/map.json", NAN); /* a folder's */
    check_time("map_20261310T173131Z.json", NAN);
    check_time("map_20260310.json", NAN);
    check_time("map_120260310T1731Z.json", NAN);
    check_time("", NAN);
}

/* ---- formats -----------------------------------------------------------------------------------
 */

static void test_every_format_is_whole(void **state)
{
    (void)state;
    const struct sqz_import_format *format, *found;
    struct sqz_diag diag = {0};
    size_t count = 0;
    for (; (format = sqz_import_format_at(count)) != NULL; count++) {
        assert_true(format->doc != NULL && format->detect != NULL && format->read != NULL);
        assert_int_equal(sqz_import_format_find(format->name, &found, &diag), SQZ_OK);
        assert_ptr_equal(found, format); /* no name is given twice */
    }
    assert_true(count > 20);
    assert_int_equal(sqz_import_format_find("nothing", &found, &diag), SQZ_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_broken_files, scratch_setup, scratch_teardown),
        cmocka_unit_test(test_wrong_formats),
        cmocka_unit_test_setup_teardown(test_wide_bins, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_narrow_bins, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(test_both_sides_in_one_bin, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(test_at_the_price_and_never, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test(test_times_in_names),
        cmocka_unit_test(test_every_format_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
