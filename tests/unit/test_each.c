/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items on threads: each once, the first error, stopping, progress. */
#include "tests/support/support.h"

#include <stdatomic.h>

#include "sim/batch/each.h"

enum { ITEMS = 500, NEVER = ITEMS };

/* What the items of a test do. */
struct bench {
    atomic_int times[ITEMS];
    size_t fails, stops; /* the item that fails, and the one that asks to stop */
    volatile sig_atomic_t stop;
};

struct progress {
    uint64_t calls, last;
    bool ascends;
};

static int do_item(void *context, size_t index, struct sqz_diag *diag)
{
    struct bench *bench = context;
    atomic_fetch_add(&bench->times[index], 1);
    if (index == bench->stops)
        __atomic_store_n(&bench->stop, 1, __ATOMIC_RELAXED);
    if (index == bench->fails)
        return sqz_fail(diag, SQZ_ERR_DATA, "item %zu is wrong", index);
    return SQZ_OK;
}

static void note(void *context, uint64_t done)
{
    struct progress *progress = context;
    progress->ascends = progress->ascends && done >= progress->last;
    progress->last = done;
    progress->calls++;
}

static int run(struct bench *bench, struct progress *progress, int jobs, struct sqz_diag *diag)
{
    *progress = (struct progress){.ascends = true};
    const struct sqz_each each = {.count = ITEMS,
                                  .jobs = jobs,
                                  .stop = &bench->stop,
                                  .context = bench,
                                  .item = do_item,
                                  .progress = note,
                                  .progress_context = progress};
    return sqz_each_run(&each, diag);
}

static size_t started(struct bench *bench)
{
    size_t count = 0;
    for (size_t i = 0; i < ITEMS; i++)
        count += (size_t)atomic_load(&bench->times[i]);
    return count;
}

static void test_every_item_is_done_once(void **state)
{
    static const int JOBS[] = {1, 2, 7};
    (void)state;
    for (size_t j = 0; j < sizeof JOBS / sizeof *JOBS; j++) {
        struct bench bench = {.fails = NEVER, .stops = NEVER};
        struct progress progress;
        struct sqz_diag diag = {0};
        assert_int_equal(run(&bench, &progress, JOBS[j], &diag), SQZ_OK);
        for (size_t i = 0; i < ITEMS; i++)
            assert_int_equal(atomic_load(&bench.times[i]), 1);
        assert_int_equal(progress.calls, ITEMS);
        assert_int_equal(progress.last, ITEMS);
        assert_true(progress.ascends);
    }
}

static void test_no_items(void **state)
{
    const struct sqz_each each = {.count = 0, .jobs = 2, .item = do_item};
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(sqz_each_run(&each, &diag), SQZ_OK);
}

/* One thread takes the items in order: none is started after the one that fails. */
static void test_an_error_ends_the_whole(void **state)
{
    struct bench bench = {.fails = 17, .stops = NEVER};
    struct progress progress;
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(run(&bench, &progress, 1, &diag), SQZ_ERR_DATA);
    assert_string_equal(diag.message, "item 17 is wrong");
    assert_int_equal(started(&bench), 18);
    assert_int_equal(progress.last, 17);
}

/* On more threads others may have been taken by then, and every one that was is finished. */
static void test_an_error_on_threads(void **state)
{
    struct bench bench = {.fails = 17, .stops = NEVER};
    struct progress progress;
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(run(&bench, &progress, 4, &diag), SQZ_ERR_DATA);
    assert_string_equal(diag.message, "item 17 is wrong");
    assert_int_equal(progress.last, started(&bench) - 1);
}

static void test_an_error_without_a_diagnostic(void **state)
{
    struct bench bench = {.fails = 3, .stops = NEVER};
    struct progress progress;
    (void)state;
    assert_int_equal(run(&bench, &progress, 2, NULL), SQZ_ERR_DATA);
}

static void test_a_stop_is_an_interruption(void **state)
{
    struct bench bench = {.fails = NEVER, .stops = 9};
    struct progress progress;
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(run(&bench, &progress, 1, &diag), SQZ_ERR_INTERRUPTED);
    assert_string_equal(diag.message, "interrupted after 10 of 500 items");
    assert_int_equal(started(&bench), 10);
}

/* What was asked to stop when all was done is done. */
static void test_a_stop_in_the_last_item_is_none(void **state)
{
    struct bench bench = {.fails = NEVER, .stops = ITEMS - 1};
    struct progress progress;
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(run(&bench, &progress, 1, &diag), SQZ_OK);
}

static void test_an_error_outranks_a_stop(void **state)
{
    struct bench bench = {.fails = 9, .stops = 9};
    struct progress progress;
    struct sqz_diag diag = {0};
    (void)state;
    assert_int_equal(run(&bench, &progress, 2, &diag), SQZ_ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_is_done_once),
        cmocka_unit_test(test_no_items),
        cmocka_unit_test(test_an_error_ends_the_whole),
        cmocka_unit_test(test_an_error_on_threads),
        cmocka_unit_test(test_an_error_without_a_diagnostic),
        cmocka_unit_test(test_a_stop_is_an_interruption),
        cmocka_unit_test(test_a_stop_in_the_last_item_is_none),
        cmocka_unit_test(test_an_error_outranks_a_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
