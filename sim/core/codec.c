/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/codec.h"

#include <stdlib.h>
#include <string.h>

void sqz_codec_free(struct sqz_codec *codec)
{
    free(codec->out);
    memset(codec, 0, sizeof *codec);
}

static bool reserve(struct sqz_codec *codec, size_t size)
{
    if (codec->error != SQZ_OK)
        return false;
    if (codec->capacity - codec->size >= size)
        return true;
    size_t capacity = codec->capacity + codec->capacity / 2 + size + 256;
    unsigned char *out = realloc(codec->out, capacity);
    if (out == NULL) {
        codec->error = SQZ_ERR_NOMEM;
        return false;
    }
    codec->out = out;
    codec->capacity = capacity;
    return true;
}

static void write_bytes(struct sqz_codec *codec, const void *bytes, size_t size)
{
    if (size > 0 && reserve(codec, size)) {
        memcpy(codec->out + codec->size, bytes, size);
        codec->size += size;
    }
}

static void read_bytes(struct sqz_codec *codec, void *bytes, size_t size)
{
    if (codec->error == SQZ_OK && codec->left < size)
        codec->error = SQZ_ERR_DATA;
    if (codec->error != SQZ_OK) {
        memset(bytes, 0, size);
        return;
    }
    memcpy(bytes, codec->in, size);
    codec->in += size;
    codec->left -= size;
}

void sqz_codec_bytes(struct sqz_codec *codec, void *bytes, size_t size)
{
    if (sqz_codec_reads(codec))
        read_bytes(codec, bytes, size);
    else
        write_bytes(codec, bytes, size);
}

static void write_count(struct sqz_codec *codec, uint64_t value)
{
    unsigned char bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (unsigned char)(value | 0x80);
    bytes[size++] = (unsigned char)value;
    write_bytes(codec, bytes, size);
}

static uint64_t read_count(struct sqz_codec *codec)
{
    uint64_t value = 0;
    unsigned char byte = 0x80;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
        read_bytes(codec, &byte, 1);
        if (shift > 63 || (shift == 63 && byte > 1))
            codec->error = SQZ_ERR_DATA;
        if (codec->error != SQZ_OK)
            return 0;
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return value;
}

void sqz_codec_count(struct sqz_codec *codec, uint64_t *value)
{
    if (sqz_codec_reads(codec))
        *value = read_count(codec);
    else
        write_count(codec, *value);
}

void sqz_codec_signed(struct sqz_codec *codec, int64_t *value)
{
    uint64_t folded = (uint64_t)*value << 1 ^ (uint64_t)(*value < 0 ? -1 : 0);
    sqz_codec_count(codec, &folded);
    if (sqz_codec_reads(codec))
        *value = (int64_t)(folded >> 1 ^ (~(folded & 1) + 1));
}

void sqz_codec_double(struct sqz_codec *codec, double *value)
{
    uint64_t word;
    unsigned char bytes[sizeof word];
    memcpy(&word, value, sizeof word);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(word >> 8 * i);
    sqz_codec_bytes(codec, bytes, sizeof bytes);
    if (!sqz_codec_reads(codec))
        return;
    word = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    memcpy(value, &word, sizeof word);
}

void sqz_codec_expect(struct sqz_codec *codec, uint64_t expected)
{
    uint64_t value = expected;
    sqz_codec_count(codec, &value);
    if (codec->error == SQZ_OK && value != expected)
        codec->error = SQZ_ERR_DATA;
}
