/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/exact_sum.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* The layout of a double (IEEE 754), and the unit of the sum: the least denormal. */
enum { MANTISSA_BITS = 52, EXPONENT_MASK = 0x7ff, LOWEST_EXPONENT = -1074, CHUNK_BITS = 32 };
static const uint64_t CHUNK_MASK = UINT32_MAX;

/* A chunk takes less than 2^32 in absolute value per addition, so 2^30 of them stay below 2^62. */
static const int64_t MAX_PENDING = (int64_t)1 << 30;

/* Bring all chunks but the topmost into [0, 2^32): a unique form for each value. */
static void propagate(struct sqz_exact_sum *sum)
{
    int64_t carry = 0;
    for (int i = 0; i < SQZ_SUM_CHUNKS - 1; i++) {
        int64_t total = sum->chunk[i] + carry;
        int64_t low = (int64_t)((uint64_t)total & CHUNK_MASK);
        carry = (total - low) / ((int64_t)1 << CHUNK_BITS);
        sum->chunk[i] = low;
    }
    sum->chunk[SQZ_SUM_CHUNKS - 1] += carry;
    sum->pending = 1;
}

void sqz_exact_sum_add(struct sqz_exact_sum *sum, double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    unsigned exponent = word >> MANTISSA_BITS & EXPONENT_MASK; /* biased; 0: denormal */
    assert(exponent != EXPONENT_MASK);                         /* infinite or not a number */
    uint64_t mantissa = word & (((uint64_t)1 << MANTISSA_BITS) - 1);
    mantissa |= (uint64_t)(exponent > 0) << MANTISSA_BITS;
    unsigned shift = exponent > 0 ? exponent - 1 : 0; /* of the mantissa's unit above 2^-1074 */
    unsigned index = shift / CHUNK_BITS, bits = shift % CHUNK_BITS;
    int64_t *chunk = &sum->chunk[index];
    int64_t low = (int64_t)(mantissa << bits & CHUNK_MASK);
    uint64_t rest = mantissa >> (CHUNK_BITS - bits);
    int64_t middle = (int64_t)(rest & CHUNK_MASK), high = (int64_t)(rest >> CHUNK_BITS);
    int64_t minus = -(int64_t)(word >> 63); /* (x ^ -1) - -1 is -x */
    chunk[0] += (low ^ minus) - minus;
    chunk[1] += (middle ^ minus) - minus;
    chunk[2] += (high ^ minus) - minus;
    if (++sum->pending >= MAX_PENDING)
        propagate(sum);
}

void sqz_exact_sum_merge(struct sqz_exact_sum *sum, const struct sqz_exact_sum *other)
{
    struct sqz_exact_sum tidy = *other;
    propagate(&tidy);
    for (int i = 0; i < SQZ_SUM_CHUNKS; i++)
        sum->chunk[i] += tidy.chunk[i];
    if (++sum->pending >= MAX_PENDING)
        propagate(sum);
}

/* Only the chunks from the first to the last that is not 0. */
void sqz_exact_sum_code(struct sqz_exact_sum *sum, struct sqz_codec *codec)
{
    struct sqz_exact_sum tidy = *sum;
    uint64_t first = 0, count = SQZ_SUM_CHUNKS;
    if (!sqz_codec_reads(codec))
        propagate(&tidy);
    while (count > 0 && tidy.chunk[count - 1] == 0)
        count--;
    while (first < count && tidy.chunk[first] == 0)
        first++;
    count -= first;
    sqz_codec_count(codec, &first);
    sqz_codec_count(codec, &count);
    if (first > SQZ_SUM_CHUNKS || count > SQZ_SUM_CHUNKS - first) {
        codec->error = SQZ_ERR_DATA;
        return;
    }
    if (sqz_codec_reads(codec))
        tidy = (struct sqz_exact_sum){.pending = 1};
    for (uint64_t i = first; i < first + count; i++)
        sqz_codec_signed(codec, &tidy.chunk[i]);
    if (sqz_codec_reads(codec))
        *sum = tidy;
}

double sqz_exact_sum_value(const struct sqz_exact_sum *sum)
{
    struct sqz_exact_sum tidy = *sum;
    propagate(&tidy);
    /* A negative total is negative in the top chunk only; negate for a sum of like signs. */
    double sign = tidy.chunk[SQZ_SUM_CHUNKS - 1] < 0 ? -1.0 : 1.0;
    if (sign < 0) {
        for (int i = 0; i < SQZ_SUM_CHUNKS; i++)
            tidy.chunk[i] = -tidy.chunk[i];
        propagate(&tidy);
    }
    double value = 0.0;
    for (int i = 0; i < SQZ_SUM_CHUNKS; i++)
        value += ldexp((double)tidy.chunk[i], CHUNK_BITS * i + LOWEST_EXPONENT);
    return sign * value;
}
