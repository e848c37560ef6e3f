/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event queue: one total order, whatever the order of pushing. */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/event_queue.h"
#include "sim/core/rng.h"

enum { EVENTS = 500 };

static int by_rule(const void *first, const void *second)
{
    const struct sqz_scheduled *a = first, *b = second;
    if (a->time_s != b->time_s)
        return a->time_s < b->time_s ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    return a->sequence < b->sequence ? -1 : 1;
}

/* Few distinct times and priorities, so that ties are common. */
static struct sqz_scheduled random_event(struct sqz_stream *stream, unsigned source)
{
    uint64_t bits = sqz_stream_u64(stream);
    return (struct sqz_scheduled){.time_s = 0.37 * (double)(bits % 23),
                                  .priority = (bits >> 20) % 3,
                                  .world = (bits >> 30) % 4,
                                  .source = source};
}

static void check_same_event(const struct sqz_scheduled *a, const struct sqz_scheduled *b)
{
    assert_true(a->time_s == b->time_s);
    assert_int_equal(a->priority, b->priority);
    assert_int_equal(a->world, b->world);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->sequence, b->sequence);
}

static void test_leaves_in_total_order(void **state)
{
    (void)state;
    struct sqz_event_queue queue;
    struct sqz_stream stream;
    struct sqz_scheduled pushed[EVENTS];
    assert_int_equal(sqz_event_queue_init(&queue, EVENTS, NULL), SQZ_OK);
    for (uint64_t run = 0; run < 20; run++) {
        sqz_stream_open(&stream, 1, run, 0);
        sqz_event_queue_clear(&queue);
        for (unsigned i = 0; i < EVENTS; i++) {
            pushed[i] = random_event(&stream, i);
            assert_int_equal(sqz_event_queue_push(&queue, pushed[i]), SQZ_OK);
            pushed[i].sequence = i;
        }
        qsort(pushed, EVENTS, sizeof pushed[0], by_rule);
        for (int i = 0; i < EVENTS; i++) {
            double due_s = sqz_event_queue_due_s(&queue);
            struct sqz_scheduled popped = sqz_event_queue_pop(&queue);
            assert_true(due_s == pushed[i].time_s);
            check_same_event(&popped, &pushed[i]);
        }
        assert_true(sqz_event_queue_due_s(&queue) == INFINITY);
    }
    sqz_event_queue_free(&queue);
}

/* Pushes and pops mixed, checked against a plain scan for the least. */
static void test_mixed_use_against_scan(void **state)
{
    (void)state;
    struct sqz_event_queue queue;
    struct sqz_stream stream;
    struct sqz_scheduled held[EVENTS];
    size_t count = 0;
    uint64_t sequence = 0;
    assert_int_equal(sqz_event_queue_init(&queue, EVENTS, NULL), SQZ_OK);
    sqz_stream_open(&stream, 2, 0, 0);
    for (unsigned i = 0; i < 5000; i++) {
        if (count < EVENTS && (count == 0 || sqz_stream_uniform(&stream) < 0.52)) {
            held[count] = random_event(&stream, i);
            assert_int_equal(sqz_event_queue_push(&queue, held[count]), SQZ_OK);
            held[count++].sequence = sequence++;
            continue;
        }
        size_t least = 0;
        for (size_t k = 1; k < count; k++)
            if (by_rule(&held[k], &held[least]) < 0)
                least = k;
        struct sqz_scheduled popped = sqz_event_queue_pop(&queue);
        check_same_event(&popped, &held[least]);
        held[least] = held[--count];
    }
    assert_int_equal(queue.count, count);
    sqz_event_queue_free(&queue);
}

static void test_full_queue_refuses(void **state)
{
    (void)state;
    struct sqz_event_queue queue;
    assert_int_equal(sqz_event_queue_init(&queue, 3, NULL), SQZ_OK);
    for (int i = 3; i > 0; i--)
        assert_int_equal(sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = i * 1.5}),
                         SQZ_OK);
    assert_int_equal(sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = 0.1}),
                     SQZ_ERR_LIMIT);
    assert_int_equal(queue.count, 3);
    assert_true(sqz_event_queue_pop(&queue).time_s == 1.5);
    assert_int_equal(sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = 0.1}), SQZ_OK);
    assert_true(sqz_event_queue_pop(&queue).time_s == 0.1);
    sqz_event_queue_free(&queue);
}

static void test_clear_forgets_and_renumbers(void **state)
{
    (void)state;
    struct sqz_event_queue queue;
    assert_int_equal(sqz_event_queue_init(&queue, 4, NULL), SQZ_OK);
    sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = 2.385});
    sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = 0.5});
    sqz_event_queue_clear(&queue);
    assert_true(sqz_event_queue_due_s(&queue) == INFINITY);
    sqz_event_queue_push(&queue, (struct sqz_scheduled){.time_s = 7.5});
    struct sqz_scheduled next = sqz_event_queue_pop(&queue);
    assert_int_equal(next.sequence, 0);
    assert_true(next.time_s == 7.5);
    sqz_event_queue_free(&queue);
}

static void test_no_capacity(void **state)
{
    (void)state;
    struct sqz_event_queue queue;
    assert_int_equal(sqz_event_queue_init(&queue, 0, NULL), SQZ_OK);
    assert_int_equal(sqz_event_queue_push(&queue, (struct sqz_scheduled){0}), SQZ_ERR_LIMIT);
    sqz_event_queue_free(&queue);
    sqz_event_queue_free(&queue);
    assert_null(queue.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves_in_total_order),
        cmocka_unit_test(test_mixed_use_against_scan),
        cmocka_unit_test(test_full_queue_refuses),
        cmocka_unit_test(test_clear_forgets_and_renumbers),
        cmocka_unit_test(test_no_capacity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
