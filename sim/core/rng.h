/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counter-based random streams: Random123's Threefry-4x64 with 20 rounds (Salmon et al., SC 2011).
 *
 * A stream is a pure function of (seed, path, stream number): one stream per consumer, so a model
 * that draws more numbers never shifts another model's, and path K can be replayed by itself. */
#ifndef SQZ_CORE_RNG_H
#define SQZ_CORE_RNG_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* Consumers of randomness. Drivers take numbers from SQZ_STREAM_DRIVERS on. */
enum sqz_stream_number {
    SQZ_STREAM_WALK = 0,     /* exit times, sides, positions of the exogenous walk */
    SQZ_STREAM_RECORDER = 1, /* positions filled in at output times; never moves the path itself */
    SQZ_STREAM_LATENCY = 2,  /* random delays of forced orders */
    SQZ_STREAM_POPULATION = 3, /* positions that a scenario draws; path: the row */
    SQZ_STREAM_ACCOUNTS = 4,   /* who leaves early or tops up; item: the row */
    SQZ_STREAM_EXTREMES = 5,   /* highest and lowest prices within steps; never moves the path */
    SQZ_STREAM_DRIVERS = 16
};

/* Two counters' words are made at a time: they do not wait for one another in the processor. */
enum { SQZ_STREAM_WORDS = 8 };

struct sqz_stream {
    uint64_t key[4];
    uint64_t counter[4];             /* of the words to be made next */
    uint64_t word[SQZ_STREAM_WORDS]; /* of the last two counters */
    unsigned next;                   /* the next unused word; SQZ_STREAM_WORDS: none is left */
};

void sqz_stream_open(struct sqz_stream *stream, uint64_t seed, uint64_t path, uint64_t number);

/* Make the next words. */
void sqz_stream_refill(struct sqz_stream *stream);

/* The next 64 random bits. */
static inline uint64_t sqz_stream_u64(struct sqz_stream *stream)
{
    if (stream->next == SQZ_STREAM_WORDS)
        sqz_stream_refill(stream);
    return stream->word[stream->next++];
}

/* Uniform on the open interval (0, 1): the midpoint of one of 2^52 equal cells, chosen by the upper
 * bits. (Midpoints of 2^53 cells are not all doubles: the last would round to 1.) */
static inline double sqz_uniform_of(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

static inline double sqz_stream_uniform(struct sqz_stream *stream)
{
    return sqz_uniform_of(sqz_stream_u64(stream));
}

/* The uniform number of an item: the same in whatever order items are asked for, and however much
 * was drawn from the stream. */
double sqz_stream_uniform_at(const struct sqz_stream *stream, uint64_t item);

/* The generator as GSL sees it: gsl_rng_set(r, s) opens stream (s, 0, 0). */
extern const gsl_rng_type sqz_rng_threefry;

/* View a stream as a gsl_rng without allocating; the view draws from, and advances, `stream`. */
static inline gsl_rng sqz_stream_gsl(struct sqz_stream *stream)
{
    return (gsl_rng){&sqz_rng_threefry, stream};
}

#endif
