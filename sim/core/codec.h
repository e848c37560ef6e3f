/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as bytes and back, the same on every machine, for what is stored and merged later.
 *
 * One function for each struct goes through its members in order, and either writes them or reads
 * them: what is read cannot differ from what is written. Counts take seven bits to a byte, least
 * first; signed ones have their sign in the lowest bit; doubles are eight bytes, least first. */
#ifndef SQZ_CORE_CODEC_H
#define SQZ_CORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

/* Zero-initialised: writes into `out`, which it owns. With `in` set: reads from there. */
struct sqz_codec {
    const unsigned char *in; /* not owned; NULL: writing */
    size_t left;             /* bytes of `in` */
    unsigned char *out;
    size_t size, capacity;
    int error; /* SQZ_OK, SQZ_ERR_NOMEM, or SQZ_ERR_DATA for bytes that cannot be what was written;
                  whatever is read then is 0 */
};

/* Frees what was written. */
void sqz_codec_free(struct sqz_codec *codec);

static inline bool sqz_codec_reads(const struct sqz_codec *codec)
{
    return codec->in != NULL;
}

void sqz_codec_count(struct sqz_codec *codec, uint64_t *value);
void sqz_codec_signed(struct sqz_codec *codec, int64_t *value);
void sqz_codec_double(struct sqz_codec *codec, double *value);
/* `size` bytes as they are. */
void sqz_codec_bytes(struct sqz_codec *codec, void *bytes, size_t size);
/* A number that must be `expected`: a layout, a number of members. */
void sqz_codec_expect(struct sqz_codec *codec, uint64_t expected);

#endif
