/* The one list of parameter families, and the rows in it. */
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

#include "models/registry.h"
#include "sim/io/families.h"
#include "sim/io/units.h"

/* Every table of the program, each once, in the order in which keys are resolved. */
static void test_every_model_has_its_family(void **state)
{
    (void)state;
    size_t count[SQZ_FAMILY_POPULATION + 1] = {0};
    struct sqz_family family;
    enum sqz_family_kind last = SQZ_FAMILY_SCENARIO;
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++) {
        assert_true(family.kind >= last);
        last = family.kind;
        assert_int_equal(family.place, count[family.kind]);
        count[family.kind]++;
        if (family.kind == SQZ_FAMILY_BOOK)
            assert_ptr_equal(family.params, sqz_registry.books[family.place]->params);
        if (family.kind == SQZ_FAMILY_DRIVER)
            assert_ptr_equal(family.measures, sqz_registry.drivers[family.place]->measures);
        if (family.kind == SQZ_FAMILY_VENUE)
            assert_string_equal(family.name, sqz_registry.venues[family.place]->name);
    }
    assert_null(sqz_registry.books[count[SQZ_FAMILY_BOOK]]);
    assert_null(sqz_registry.drivers[count[SQZ_FAMILY_DRIVER]]);
    assert_null(sqz_registry.venues[count[SQZ_FAMILY_VENUE]]);
    assert_int_equal(count[SQZ_FAMILY_SCENARIO] + count[SQZ_FAMILY_EVERY_BOOK] +
                         count[SQZ_FAMILY_EVERY_VENUE] + count[SQZ_FAMILY_POPULATION],
                     4);
}

static void check_row(const struct sqz_param *param)
{
    bool number = param->kind == SQZ_PARAM_NUMBER || param->kind == SQZ_PARAM_LIST;
    assert_true(param->doc[0] != '\0');
    assert_true((param->choices != NULL) == (param->kind == SQZ_PARAM_CHOICE));
    assert_true((param->columns != NULL) == (param->kind == SQZ_PARAM_TABLE));
    assert_true(number == (param->dimension != SQZ_DIM_NONE));
    if (!number)
        return;
    assert_true(param->lo < param->hi);
    assert_true(sqz_units_factor(param->dimension, param->unit) > 0);
    assert_true(param->odd_from == 0 || (param->odd_from > 0 && param->odd_from < param->hi));
}

/* A row says what a reader of it needs, and no key stands for two things in one scenario. */
static void test_rows_are_whole(void **state)
{
    (void)state;
    struct sqz_family family, other;
    for (size_t i = 0; sqz_family_at(&sqz_registry, i, &family); i++)
        for (size_t p = 0; p < family.n_params; p++) {
            const char *key = family.params[p].key;
            check_row(&family.params[p]);
            assert_ptr_equal(sqz_family_find(&family, key), &family.params[p]);
            for (size_t k = 0; sqz_family_at(&sqz_registry, k, &other); k++)
                if (k != i && sqz_family_find(&other, key) != NULL) {
                    assert_int_equal(other.kind, SQZ_FAMILY_VENUE); /* one is chosen */
                    assert_int_equal(family.kind, SQZ_FAMILY_VENUE);
                }
        }
}

static void test_former_keys(void **state)
{
    (void)state;
    static const struct {
        const char *former, *key;
    } RENAMED[] = {{"levels.survival", "levels.topup"},
                   {"population.spread", "population.entry_sd"}};
    for (size_t i = 0; i < sizeof RENAMED / sizeof RENAMED[0]; i++) {
        const struct sqz_param *param = sqz_families_find(&sqz_registry, RENAMED[i].former);
        assert_non_null(param);
        assert_string_equal(param->key, RENAMED[i].key);
        assert_ptr_equal(sqz_families_find(&sqz_registry, RENAMED[i].key), param);
        assert_true(sqz_param_was(param, RENAMED[i].former));
        assert_false(sqz_param_was(param, RENAMED[i].key));
    }
    struct sqz_param two = {.key = "c", .aliases = "a.old  b"};
    assert_true(sqz_param_was(&two, "a.old") && sqz_param_was(&two, "b"));
    assert_false(sqz_param_was(&two, "a.older") || sqz_param_was(&two, "bb"));
    assert_false(sqz_param_was(&two, "a") || sqz_param_was(&two, "") || sqz_param_was(&two, "old"));
    assert_null(sqz_families_find(&sqz_registry, "levels.surviva"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model_has_its_family),
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_former_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
