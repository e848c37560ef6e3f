/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/batch/ranges.h"

#include <stdlib.h>
#include <string.h>

void sqz_ranges_free(struct sqz_ranges *ranges)
{
    free(ranges->item);
    memset(ranges, 0, sizeof *ranges);
}

static bool reserve(struct sqz_ranges *ranges)
{
    if (ranges->count < ranges->capacity)
        return true;
    size_t capacity = 2 * ranges->capacity + 8;
    struct sqz_range *item = realloc(ranges->item, capacity * sizeof *item);
    if (item == NULL)
        return false;
    ranges->item = item;
    ranges->capacity = capacity;
    return true;
}

/* The first range that ends at `path` or after; the count if there is none. */
static size_t find(const struct sqz_ranges *ranges, uint64_t path)
{
    size_t lo = 0, hi = ranges->count;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (ranges->item[middle].end < path)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo;
}

static void insert(struct sqz_ranges *ranges, size_t at, struct sqz_range range)
{
    memmove(ranges->item + at + 1, ranges->item + at, (ranges->count - at) * sizeof *ranges->item);
    ranges->item[at] = range;
    ranges->count++;
}

static void cut(struct sqz_ranges *ranges, size_t at)
{
    ranges->count--;
    memmove(ranges->item + at, ranges->item + at + 1, (ranges->count - at) * sizeof *ranges->item);
}

int sqz_ranges_add(struct sqz_ranges *ranges, uint64_t first, uint64_t end)
{
    size_t at = find(ranges, first);
    struct sqz_range *next = ranges->item + at;
    bool joins_last = at < ranges->count && next->end == first;
    size_t after = joins_last ? at + 1 : at;
    bool meets_next = after < ranges->count && ranges->item[after].first <= end;
    if (first >= end)
        return first == end ? SQZ_OK : SQZ_ERR_DATA;
    if (meets_next && ranges->item[after].first < end)
        return SQZ_ERR_DATA;
    if (joins_last) {
        next->end = meets_next ? ranges->item[after].end : end;
        if (meets_next)
            cut(ranges, after);
        return SQZ_OK;
    }
    if (meets_next) {
        next->first = first;
        return SQZ_OK;
    }
    if (!reserve(ranges))
        return SQZ_ERR_NOMEM;
    insert(ranges, at, (struct sqz_range){first, end});
    return SQZ_OK;
}

int sqz_ranges_merge(struct sqz_ranges *ranges, const struct sqz_ranges *other)
{
    int error = SQZ_OK;
    for (size_t i = 0; error == SQZ_OK && i < other->count; i++)
        error = sqz_ranges_add(ranges, other->item[i].first, other->item[i].end);
    return error;
}

struct sqz_range sqz_ranges_gap(const struct sqz_ranges *ranges, uint64_t from)
{
    size_t at = find(ranges, from);
    while (at < ranges->count && ranges->item[at].first <= from) {
        if (ranges->item[at].end > from)
            from = ranges->item[at].end;
        at++;
    }
    return (struct sqz_range){from, at < ranges->count ? ranges->item[at].first : UINT64_MAX};
}

uint64_t sqz_ranges_total(const struct sqz_ranges *ranges)
{
    uint64_t total = 0;
    for (size_t i = 0; i < ranges->count; i++)
        total += ranges->item[i].end - ranges->item[i].first;
    return total;
}

void sqz_ranges_code(struct sqz_ranges *ranges, struct sqz_codec *codec)
{
    uint64_t count = ranges->count, last = 0;
    sqz_codec_count(codec, &count);
    for (uint64_t i = 0; codec->error == SQZ_OK && i < count; i++) {
        bool reading = sqz_codec_reads(codec);
        uint64_t skipped = reading ? 0 : ranges->item[i].first - last;
        uint64_t length = reading ? 0 : ranges->item[i].end - ranges->item[i].first;
        sqz_codec_count(codec, &skipped);
        sqz_codec_count(codec, &length);
        if (codec->error == SQZ_OK &&
            (length == 0 || skipped > UINT64_MAX - last || length > UINT64_MAX - last - skipped))
            codec->error = SQZ_ERR_DATA;
        if (codec->error == SQZ_OK && reading)
            codec->error = sqz_ranges_add(ranges, last + skipped, last + skipped + length);
        last += skipped + length;
    }
}
