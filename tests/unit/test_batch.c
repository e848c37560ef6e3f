/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches: the same tallies at any number of threads, blocks in order, stopping and failing. */
#include "tests/support/support.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/batch/batch.h"

enum { PATHS = 9 * SQZ_BATCH_BLOCK + 101, OUTPUTS = 3 };
static const double OUTPUT_S[OUTPUTS] = {0, 7000, 20000};

/* Two worlds, with and without impact, and all that a batch needs. */
struct batch {
    struct test_world with, without;
    const struct sqz_world *worlds[2];
    struct sqz_exit_table table;
    struct sqz_batch_plan plan;
    struct sqz_tally tally[2];
};

static void init_world(struct test_world *test)
{
    struct sqz_level level[24];
    for (int i = 0; i < 24; i++)
        level[i] = (struct sqz_level){.distance_log = 0.004 + 0.0061 * (i / 2),
                                      .notional_usd = 1.1e6 / (3 + i % 5),
                                      .side = (unsigned char)(i % 2)};
    test_book_init(&test->book, 9e6, 1.4, 0.2, 60);
    test_world_init(test, level, 24, 1e-4, 20000);
    test->world.stops.watch_log[SQZ_TARGET] = 0.02;
    test->world.stops.watch_log[SQZ_FLOOR] = -0.02;
}

static void init_batch(struct batch *batch, uint64_t paths, int jobs)
{
    init_world(&batch->with);
    init_world(&batch->without);
    batch->without.world.market.impact = false;
    batch->worlds[0] = &batch->with.world;
    batch->worlds[1] = &batch->without.world;
    assert_int_equal(sqz_exit_table_init(&batch->table, NULL), SQZ_OK);
    batch->plan = (struct sqz_batch_plan){.engine = {.exit_table = &batch->table,
                                                     .worlds = batch->worlds,
                                                     .n_worlds = 2,
                                                     .output_s = OUTPUT_S,
                                                     .n_outputs = OUTPUTS,
                                                     .max_events = 1000000},
                                          .seed = 77,
                                          .paths = paths,
                                          .jobs = jobs};
    for (int w = 0; w < 2; w++)
        assert_int_equal(sqz_tally_init(&batch->tally[w], 20000, 0, OUTPUTS, NULL), SQZ_OK);
}

static void free_batch(struct batch *batch)
{
    test_world_free(&batch->with);
    test_world_free(&batch->without);
    sqz_tally_free(&batch->tally[0]);
    sqz_tally_free(&batch->tally[1]);
}

static void run(struct batch *batch)
{
    struct sqz_diag diag = {0};
    assert_int_equal(sqz_batch_run(&batch->plan, batch->tally, NULL, &diag), SQZ_OK);
}

/* ---- comparisons to the bit ---------------------------------------------------------------- */

static uint64_t in_bin(const struct sqz_histogram *histogram, int64_t bin)
{
    int64_t offset = (bin % SQZ_HISTOGRAM_PAGE + SQZ_HISTOGRAM_PAGE) % SQZ_HISTOGRAM_PAGE;
    int64_t p = (bin - offset) / SQZ_HISTOGRAM_PAGE - histogram->first;
    bool there = p >= 0 && p < (int64_t)histogram->pages && histogram->page[p] != NULL;
    return there ? histogram->page[p][offset] : 0;
}

/* Equal content; how much room a histogram keeps depends on the order of adding. */
static void check_same_histogram(const struct sqz_histogram *a, const struct sqz_histogram *b)
{
    const struct sqz_histogram *both[] = {a, b};
    assert_int_equal(a->total, b->total);
    assert_int_equal(a->below, b->below);
    assert_memory_equal(&a->min, &b->min, sizeof a->min);
    assert_memory_equal(&a->max, &b->max, sizeof a->max);
    for (int i = 0; i < 2; i++)
        for (size_t k = 0; k < both[i]->pages * SQZ_HISTOGRAM_PAGE; k++)
            assert_int_equal(in_bin(a, both[i]->first * SQZ_HISTOGRAM_PAGE + (int64_t)k),
                             in_bin(b, both[i]->first * SQZ_HISTOGRAM_PAGE + (int64_t)k));
}

static void check_same_mean(const struct sqz_mean *a, const struct sqz_mean *b)
{
    struct sqz_estimate first = sqz_mean_estimate(a), second = sqz_mean_estimate(b);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(&first, &second, sizeof first);
}

static void check_same_tally(const struct sqz_tally *a, const struct sqz_tally *b)
{
    assert_int_equal(a->paths, b->paths);
    assert_memory_equal(a->stopped, b->stopped, sizeof a->stopped);
    assert_memory_equal(a->touched, b->touched, sizeof a->touched);
    assert_int_equal(a->exhausted, b->exhausted);
    for (int i = 0; i < 2; i++) {
        check_same_histogram(&a->touch_s[i], &b->touch_s[i]);
        check_same_mean(&a->forced_side_usd[i], &b->forced_side_usd[i]);
    }
    check_same_mean(&a->forced_usd, &b->forced_usd);
    check_same_mean(&a->final_mean_log, &b->final_mean_log);
    check_same_histogram(&a->forced_log, &b->forced_log);
    check_same_histogram(&a->peak_log, &b->peak_log);
    check_same_histogram(&a->trough_log, &b->trough_log);
    check_same_histogram(&a->final_log, &b->final_log);
    assert_true(a->largest_forced_usd == b->largest_forced_usd);
    assert_int_equal(a->largest_forced_path, b->largest_forced_path);
    assert_int_equal(a->n_fan, b->n_fan);
    for (size_t i = 0; i < a->n_fan; i++)
        check_same_histogram(&a->fan[i], &b->fan[i]);
}

/* The tallies of paths 0 .. paths - 1, path by path on one engine. */
static void tally_one_by_one(const struct batch *batch, uint64_t paths, struct sqz_tally tally[2])
{
    struct sqz_engine engine;
    struct sqz_engine_plan plan = batch->plan.engine;
    plan.n_outputs = 0;
    assert_int_equal(sqz_engine_init(&engine, &plan, NULL), SQZ_OK);
    for (int w = 0; w < 2; w++)
        assert_int_equal(sqz_tally_init(&tally[w], 20000, 0, 0, NULL), SQZ_OK);
    for (uint64_t path = 0; path < paths; path++) {
        sqz_engine_run(&engine, batch->plan.seed, path, NULL);
        for (size_t w = 0; w < 2; w++)
            assert_int_equal(sqz_tally_add(&tally[w], path, sqz_engine_outcome(&engine, w)),
                             SQZ_OK);
    }
    sqz_engine_free(&engine);
}

/* Against the same paths one by one; the fan, which needs outputs, aside. */
static void check_prefix(struct batch *batch, uint64_t paths)
{
    struct sqz_tally expected[2];
    tally_one_by_one(batch, paths, expected);
    for (int w = 0; w < 2; w++) {
        for (size_t i = 0; i < OUTPUTS; i++)
            assert_int_equal(batch->tally[w].fan[i].total, paths);
        size_t n_fan = batch->tally[w].n_fan;
        batch->tally[w].n_fan = 0;
        check_same_tally(&batch->tally[w], &expected[w]);
        batch->tally[w].n_fan = n_fan;
        sqz_tally_free(&expected[w]);
    }
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_any_number_of_threads_gives_the_same(void **state)
{
    (void)state;
    static struct batch one, two, seven;
    init_batch(&one, PATHS, 1);
    init_batch(&two, PATHS, 2);
    init_batch(&seven, PATHS, 7);
    run(&one);
    run(&two);
    run(&seven);
    for (int w = 0; w < 2; w++) {
        check_same_tally(&one.tally[w], &two.tally[w]);
        check_same_tally(&one.tally[w], &seven.tally[w]);
        assert_true(one.tally[w].touched[SQZ_TARGET] > 0);
    }
    assert_true(one.tally[0].largest_forced_path >= SQZ_BATCH_BLOCK); /* or it tells nothing */
    assert_true(sqz_mean_estimate(&one.tally[0].forced_usd).value >
                sqz_mean_estimate(&one.tally[1].forced_usd).value);
    check_prefix(&one, PATHS);
    free_batch(&one);
    free_batch(&two);
    free_batch(&seven);
}

static void test_fewer_paths_than_threads(void **state)
{
    (void)state;
    static struct batch batch;
    init_batch(&batch, 3, 7);
    run(&batch);
    check_prefix(&batch, 3);
    free_batch(&batch);
}

static void test_no_paths(void **state)
{
    (void)state;
    static struct batch batch;
    init_batch(&batch, 0, 2);
    run(&batch);
    assert_int_equal(batch.tally[0].paths, 0);
    free_batch(&batch);
}

/* What the hooks saw, and when they are to act. They run on any thread, where cmocka's assertions
 * cannot fail a test, so they count what is wrong. */
struct witness {
    struct sqz_engine *engine; /* to run the same paths again */
    uint64_t seed, next, blocks, progress, act_at, wrong;
    volatile sig_atomic_t stop;
    int code;
};

static int see_block(void *context, uint64_t first, size_t count, const struct sqz_outcome *outcome,
                     struct sqz_diag *diag)
{
    (void)diag;
    struct witness *witness = context;
    witness->wrong += first != witness->next;
    witness->wrong += count != SQZ_BATCH_BLOCK && first + count != PATHS;
    for (size_t i = 0; i < count; i += 97) {
        sqz_engine_run(witness->engine, witness->seed, first + i, NULL);
        for (size_t w = 0; w < 2; w++)
            witness->wrong +=
                outcome[2 * i + w].final_log != sqz_engine_outcome(witness->engine, w)->final_log;
    }
    witness->next += count;
    if (++witness->blocks != witness->act_at)
        return SQZ_OK;
    witness->stop = 1;
    return witness->code;
}

static void see_progress(void *context, uint64_t done)
{
    struct witness *witness = context;
    witness->wrong += done <= witness->progress;
    witness->progress = done;
}

/* Context: paths seen so far, and blocks out of order. */
static int count_in_order(void *context, uint64_t first, size_t count,
                          const struct sqz_outcome *outcome, struct sqz_diag *diag)
{
    uint64_t *seen = context;
    (void)outcome;
    (void)diag;
    seen[1] += first != seen[0];
    seen[0] += count;
    return SQZ_OK;
}

static void watch_batch(struct batch *batch, struct sqz_engine *engine, struct witness *witness)
{
    assert_int_equal(sqz_engine_init(engine, &batch->plan.engine, NULL), SQZ_OK);
    witness->engine = engine;
    witness->seed = batch->plan.seed;
    batch->plan.hooks = (struct sqz_batch_hooks){witness, see_block, see_progress};
}

static void test_blocks_come_in_order(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 3; jobs++) {
        static struct batch batch;
        struct sqz_engine engine;
        struct witness witness = {0};
        init_batch(&batch, PATHS, jobs);
        watch_batch(&batch, &engine, &witness);
        run(&batch);
        assert_int_equal(witness.wrong, 0);
        assert_int_equal(witness.next, PATHS);
        assert_int_equal(witness.blocks, 10);
        assert_int_equal(witness.progress, PATHS);
        sqz_engine_free(&engine);
        free_batch(&batch);
    }
}

static void test_stop_leaves_whole_blocks(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 3; jobs++) {
        static struct batch batch;
        struct sqz_engine engine;
        struct witness witness = {.act_at = 3};
        struct sqz_diag diag = {0};
        char message[80];
        init_batch(&batch, PATHS, jobs);
        watch_batch(&batch, &engine, &witness);
        batch.plan.stop = &witness.stop;
        assert_int_equal(sqz_batch_run(&batch.plan, batch.tally, NULL, &diag), SQZ_ERR_INTERRUPTED);
        assert_int_equal(witness.wrong, 0);
        assert_true(witness.blocks >= 3 && witness.blocks < 10);
        assert_int_equal(witness.next, witness.blocks * SQZ_BATCH_BLOCK);
        assert_true(jobs > 1 || witness.blocks == 3);
        snprintf(message, sizeof message, "interrupted after %d of %d paths", (int)witness.next,
                 PATHS);
        assert_string_equal(diag.message, message);
        check_prefix(&batch, witness.next);
        sqz_engine_free(&engine);
        free_batch(&batch);
    }
}

static void stop_late(void *context, uint64_t done)
{
    volatile sig_atomic_t *stop = context;
    if (done >= 5 * SQZ_BATCH_BLOCK)
        *stop = 1;
}

/* Nobody wants the blocks in order, and still what is complete is a prefix. */
static void test_stop_without_a_block_hook(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 3; jobs++) {
        static struct batch batch;
        volatile sig_atomic_t stop = 0;
        struct sqz_diag diag = {0};
        init_batch(&batch, PATHS, jobs);
        batch.plan.stop = &stop;
        batch.plan.hooks = (struct sqz_batch_hooks){(void *)&stop, NULL, stop_late};
        assert_int_equal(sqz_batch_run(&batch.plan, batch.tally, NULL, &diag), SQZ_ERR_INTERRUPTED);
        uint64_t paths = batch.tally[0].paths;
        assert_true(paths >= 5 * SQZ_BATCH_BLOCK && paths < PATHS && paths % SQZ_BATCH_BLOCK == 0);
        check_prefix(&batch, paths);
        free_batch(&batch);
    }
}

/* Enough blocks that they are dealt out in more than one round. */
static void test_very_many_blocks(void **state)
{
    (void)state;
    static struct batch batch;
    enum { MANY = 1100 * SQZ_BATCH_BLOCK + 7 };
    uint64_t seen[2] = {0};
    init_batch(&batch, MANY, 2);
    for (int w = 0; w < 2; w++) { /* no barriers: a path is one step */
        struct test_world *test = w == 0 ? &batch.with : &batch.without;
        test_world_free(test);
        test_world_init(test, NULL, 0, 1e-4, 20000);
    }
    batch.plan.engine.n_worlds = 1;
    batch.plan.hooks = (struct sqz_batch_hooks){seen, count_in_order, NULL};
    run(&batch);
    assert_int_equal(seen[0], MANY);
    assert_int_equal(seen[1], 0);
    assert_int_equal(batch.tally[0].paths, MANY);
    assert_int_equal(batch.tally[0].final_log.total, MANY);
    free_batch(&batch);
}

static void test_stop_before_the_start(void **state)
{
    (void)state;
    static struct batch batch;
    volatile sig_atomic_t stop = 1;
    struct sqz_diag diag = {0};
    init_batch(&batch, PATHS, 2);
    batch.plan.stop = &stop;
    assert_int_equal(sqz_batch_run(&batch.plan, batch.tally, NULL, &diag), SQZ_ERR_INTERRUPTED);
    assert_int_equal(batch.tally[0].paths, 0);
    free_batch(&batch);
}

static void test_error_of_a_hook_ends_the_batch(void **state)
{
    (void)state;
    for (int jobs = 1; jobs <= 3; jobs++) {
        static struct batch batch;
        struct sqz_engine engine;
        struct witness witness = {.act_at = 4, .code = SQZ_ERR_IO};
        struct sqz_diag diag = {0};
        init_batch(&batch, PATHS, jobs);
        watch_batch(&batch, &engine, &witness);
        assert_int_equal(sqz_batch_run(&batch.plan, batch.tally, NULL, &diag), SQZ_ERR_IO);
        assert_int_equal(witness.blocks, 4); /* not called again */
        assert_true(batch.tally[0].paths < PATHS);
        sqz_engine_free(&engine);
        free_batch(&batch);
    }
}

static void test_cut_paths_are_counted(void **state)
{
    (void)state;
    static struct batch batch;
    init_batch(&batch, 300, 2);
    batch.plan.engine.max_events = 4;
    batch.plan.engine.n_outputs = 0;
    for (int w = 0; w < 2; w++)
        batch.tally[w].n_fan = 0;
    run(&batch);
    for (int w = 0; w < 2; w++)
        batch.tally[w].n_fan = OUTPUTS;
    assert_int_equal(batch.tally[0].paths, 300);
    assert_true(batch.tally[0].stopped[SQZ_STOP_MAX_EVENTS] > 0);
    assert_int_equal(batch.tally[0].stopped[SQZ_STOP_MAX_EVENTS] +
                         batch.tally[0].stopped[SQZ_STOP_HORIZON],
                     300);
    free_batch(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads_gives_the_same),
        cmocka_unit_test(test_fewer_paths_than_threads),
        cmocka_unit_test(test_no_paths),
        cmocka_unit_test(test_blocks_come_in_order),
        cmocka_unit_test(test_stop_leaves_whole_blocks),
        cmocka_unit_test(test_stop_without_a_block_hook),
        cmocka_unit_test(test_very_many_blocks),
        cmocka_unit_test(test_stop_before_the_start),
        cmocka_unit_test(test_error_of_a_hook_ends_the_batch),
        cmocka_unit_test(test_cut_paths_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
