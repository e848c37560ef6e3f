/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap of accounts against a slow scan of all keys. */
#include "tests/support/support.h"

#include <string.h>

#include "sim/core/account_heap.h"
#include "sim/core/error.h"
#include "sim/core/rng.h"

enum { ACCOUNTS = 97 };

/* The account that comes first: the least key, among equals the lowest number. ACCOUNTS: none. */
static uint32_t first_of(const double *key)
{
    uint32_t best = ACCOUNTS;
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        if (key[a] < INFINITY && (best == ACCOUNTS || key[a] < key[best]))
            best = a;
    return best;
}

static void check_first(const struct sqz_account_heap *heap, const double *key)
{
    uint32_t first = first_of(key);
    assert_true(sqz_account_heap_least(heap) == (first < ACCOUNTS ? key[first] : INFINITY));
    if (first < ACCOUNTS)
        assert_int_equal(heap->item[0], first);
    size_t waiting = 0;
    for (int a = 0; a < ACCOUNTS; a++)
        waiting += key[a] < INFINITY;
    assert_int_equal(heap->count, waiting);
}

static void forget(double *key)
{
    for (int a = 0; a < ACCOUNTS; a++)
        key[a] = INFINITY;
}

static void init(struct sqz_account_heap *heap, size_t accounts)
{
    assert_int_equal(sqz_account_heap_init(heap, accounts), SQZ_OK);
}

static void test_random_operations(void **state)
{
    (void)state;
    struct sqz_account_heap heap;
    struct sqz_stream stream;
    double key[ACCOUNTS];
    init(&heap, ACCOUNTS);
    sqz_stream_open(&stream, 51, 0, 0);
    forget(key);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = sqz_stream_u64(&stream);
        uint32_t account = (uint32_t)(bits >> 32) % ACCOUNTS;
        bool out = bits % 3 == 0, alike = bits % 7 == 0; /* many keys are equal */
        key[account] = out     ? INFINITY
                       : alike ? 0.25 * (double)(bits >> 60)
                               : 4.0 * sqz_stream_uniform(&stream) - 1.0;
        if (out)
            sqz_account_heap_take(&heap, account);
        else
            sqz_account_heap_set(&heap, account, key[account]);
        check_first(&heap, key);
        if (i % 1999 == 1998) {
            sqz_account_heap_clear(&heap);
            forget(key);
            check_first(&heap, key);
        }
    }
    sqz_account_heap_free(&heap);
}

/* Taken out one by one, accounts come in the order of their keys, and of their numbers among
 * equals.
 */
static void test_sorts(void **state)
{
    (void)state;
    struct sqz_account_heap heap;
    struct sqz_stream stream;
    double key[ACCOUNTS];
    init(&heap, ACCOUNTS);
    sqz_stream_open(&stream, 52, 0, 0);
    for (int round = 0; round < 40; round++) {
        for (uint32_t a = 0; a < ACCOUNTS; a++) {
            key[a] = (double)(sqz_stream_u64(&stream) % (2 + 3 * (unsigned)round));
            sqz_account_heap_set(&heap, a, key[a]);
        }
        for (int left = ACCOUNTS; left > 0; left--) {
            uint32_t first = first_of(key);
            assert_int_equal(heap.item[0], first);
            assert_true(sqz_account_heap_least(&heap) == key[first]);
            key[first] = INFINITY;
            sqz_account_heap_take(&heap, first);
        }
        assert_int_equal(heap.count, 0);
    }
    sqz_account_heap_free(&heap);
}

static void test_empty_heaps(void **state)
{
    (void)state;
    struct sqz_account_heap heap;
    init(&heap, 0);
    assert_true(sqz_account_heap_least(&heap) == INFINITY);
    sqz_account_heap_clear(&heap);
    sqz_account_heap_free(&heap);
    sqz_account_heap_free(&heap);
    init(&heap, 1);
    sqz_account_heap_take(&heap, 0); /* was not there */
    assert_int_equal(heap.count, 0);
    sqz_account_heap_set(&heap, 0, -0.75);
    sqz_account_heap_set(&heap, 0, 0.125);
    assert_int_equal(heap.count, 1);
    assert_true(sqz_account_heap_least(&heap) == 0.125);
    sqz_account_heap_free(&heap);
    assert_true(sqz_account_heap_least(&heap) == INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations),
        cmocka_unit_test(test_sorts),
        cmocka_unit_test(test_empty_heaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
