/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/store_log.h"

#include <string.h>

/* sha256.h takes its types from here. */
#include <sys/types.h>

#include <sha256.h>

static const unsigned char HEAD[SQZ_LOG_HEAD] = {'S', 'Q', 'Z', 'S', 'T', 'A', 'T', 'E', 1};

static void checksum(const unsigned char *data, size_t size, unsigned char sum[SQZ_RECORD_TAIL])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA2_CTX sha;
    SHA256Init(&sha);
    SHA256Update(&sha, data, size);
    SHA256Final(digest, &sha);
    memcpy(sum, digest, SQZ_RECORD_TAIL);
}

static void put_length(unsigned char *bytes, uint64_t length)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> 8 * i);
}

static uint64_t get_length(const unsigned char *bytes)
{
    uint64_t length = 0;
    for (int i = 0; i < 8; i++)
        length |= (uint64_t)bytes[i] << 8 * i;
    return length;
}

void sqz_log_head(struct sqz_codec *codec)
{
    unsigned char head[SQZ_LOG_HEAD];
    memcpy(head, HEAD, sizeof head);
    sqz_codec_bytes(codec, head, sizeof head);
}

size_t sqz_log_record_begin(struct sqz_codec *codec, enum sqz_record_kind kind)
{
    size_t begin = codec->size;
    unsigned char head[SQZ_RECORD_HEAD] = {(unsigned char)kind};
    sqz_codec_bytes(codec, head, sizeof head);
    return begin;
}

void sqz_log_record_end(struct sqz_codec *codec, size_t begin)
{
    unsigned char sum[SQZ_RECORD_TAIL];
    if (codec->error != SQZ_OK)
        return;
    put_length(codec->out + begin + 1, codec->size - begin - SQZ_RECORD_HEAD);
    checksum(codec->out + begin, codec->size - begin, sum);
    sqz_codec_bytes(codec, sum, sizeof sum);
}

bool sqz_log_begin(struct sqz_log *log)
{
    log->at = SQZ_LOG_HEAD;
    return log->size >= SQZ_LOG_HEAD && memcmp(log->data, HEAD, SQZ_LOG_HEAD) == 0;
}

bool sqz_log_next(struct sqz_log *log, struct sqz_log_record *record)
{
    enum { AROUND = SQZ_RECORD_HEAD + SQZ_RECORD_TAIL };
    unsigned char sum[SQZ_RECORD_TAIL];
    const unsigned char *begin = log->data + log->at;
    uint64_t left = log->size - log->at;
    if (left < AROUND)
        return false;
    *record = (struct sqz_log_record){.kind = (enum sqz_record_kind)begin[0],
                                      .begin = log->at,
                                      .payload = begin + SQZ_RECORD_HEAD,
                                      .length = get_length(begin + 1)};
    if (record->length > left - AROUND)
        return false;
    checksum(begin, SQZ_RECORD_HEAD + (size_t)record->length, sum);
    if (memcmp(record->payload + record->length, sum, sizeof sum) != 0)
        return false;
    log->at += AROUND + record->length;
    return true;
}
