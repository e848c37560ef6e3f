/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/rng.h"

#include <string.h>

#include <Random123/threefry.h>

void sqz_stream_open(struct sqz_stream *stream, uint64_t seed, uint64_t path, uint64_t number)
{
    memset(stream, 0, sizeof *stream);
    stream->key[0] = seed;
    stream->key[1] = path;
    stream->key[2] = number;
    stream->next = SQZ_STREAM_WORDS;
}

void sqz_stream_refill(struct sqz_stream *stream)
{
    threefry4x64_key_t key;
    threefry4x64_ctr_t first, second;
    memcpy(key.v, stream->key, sizeof key.v);
    memcpy(first.v, stream->counter, sizeof first.v);
    second = first;
    second.v[0]++;
    first = threefry4x64(first, key);
    second = threefry4x64(second, key);
    memcpy(stream->word, first.v, sizeof first.v);
    memcpy(stream->word + 4, second.v, sizeof second.v);
    stream->counter[0] += 2;
    stream->next = 0;
}

double sqz_stream_uniform_at(const struct sqz_stream *stream, uint64_t item)
{
    threefry4x64_key_t key;
    threefry4x64_ctr_t counter = {
        {item, 0, 0, 1}}; /* the words of the stream itself have a 0 there */
    memcpy(key.v, stream->key, sizeof key.v);
    return sqz_uniform_of(threefry4x64(counter, key).v[0]);
}

static void set(void *state, unsigned long int seed)
{
    sqz_stream_open(state, seed, 0, 0);
}

static unsigned long int get(void *state)
{
    return sqz_stream_u64(state);
}

static double get_double(void *state)
{
    return (double)(sqz_stream_u64(state) >> 11) * 0x1p-53; /* GSL's convention: [0, 1) */
}

const gsl_rng_type sqz_rng_threefry = {
    .name = "threefry4x64-20",
    .max = UINT64_MAX,
    .min = 0,
    .size = sizeof(struct sqz_stream),
    .set = set,
    .get = get,
    .get_double = get_double,
};
