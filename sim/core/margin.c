/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/margin.h"

#include <math.h>

#include <gsl/gsl_poly.h>

double sqz_tiers_deduction(const struct sqz_tier *before, const struct sqz_tier *tier)
{
    double step = tier->rate - before->rate + tier->floor * (tier->slope - before->slope);
    return before->deduction + tier->floor * step;
}

/* +1 for a long, which gains as the price rises. */
static double direction_of(const struct sqz_position *position)
{
    return sqz_exposure(position->side);
}

/* Value of the quantity: what is linear in the price, or in its inverse. */
static inline double value_at(const struct sqz_position *position, double price_usd)
{
    return position->contract == SQZ_LINEAR ? position->quantity * price_usd
                                            : position->quantity / price_usd;
}

double sqz_margin_value(const struct sqz_position *position, double price_usd)
{
    return value_at(position, price_usd);
}

double sqz_margin_pnl(const struct sqz_position *position, double price_usd)
{
    double rise = value_at(position, price_usd) - value_at(position, position->entry_usd);
    double sign = position->contract == SQZ_LINEAR ? 1.0 : -1.0; /* coin is worth more then */
    return direction_of(position) * sign * rise;
}

/* The price at which maintenance and its tier are taken. */
static inline double margin_price(const struct sqz_position *position, double price_usd)
{
    return position->on_entry ? position->entry_usd : price_usd;
}

/* Whether the size by which the tier goes is the value of the position in its currency. */
static inline bool size_is_value(const struct sqz_position *position)
{
    const struct sqz_tiers *tiers = position->tiers;
    bool inverse = position->contract == SQZ_INVERSE;
    if (tiers == NULL) /* its own rate goes by coins */
        return inverse;
    return tiers->contract_size == 0.0 &&
           (tiers->unit == SQZ_SIZE_CURRENCY || (tiers->unit == SQZ_SIZE_COIN) == inverse);
}

/* Whether it moves from tier to tier with the price. */
static inline bool size_moves(const struct sqz_position *position)
{
    return position->tiers != NULL && !position->on_entry && size_is_value(position);
}

/* Contracts are whole, or meant to be: 0.07 of 0.01 each are 7, though not in doubles. */
static const double WHOLE_CONTRACT = 1e-9;

static double contracts_of(double quantity, double contract_size)
{
    double count = quantity / contract_size, whole = round(count);
    return fabs(count - whole) <= WHOLE_CONTRACT * whole ? whole : count;
}

double sqz_margin_unit_size(const struct sqz_position *position, double price_usd)
{
    if (position->tiers != NULL && position->tiers->contract_size > 0.0)
        return 1.0 / position->tiers->contract_size;
    if (!size_is_value(position))
        return 1.0;
    double price = margin_price(position, price_usd);
    return position->contract == SQZ_LINEAR ? price : 1.0 / price;
}

static inline double size_at(const struct sqz_position *position, double price_usd)
{
    if (size_is_value(position))
        return value_at(position, margin_price(position, price_usd));
    if (position->tiers != NULL && position->tiers->contract_size > 0.0)
        return contracts_of(position->quantity, position->tiers->contract_size);
    return position->quantity;
}

/* The tier of a size; on an edge the upper one if the size is about to rise. */
static size_t tier_of(const struct sqz_tiers *tiers, double size, bool rising)
{
    size_t below = 0, above = tiers->count;
    while (above - below > 1) {
        size_t middle = below + (above - below) / 2;
        double floor = tiers->tier[middle].floor;
        if (size > floor || (rising && size == floor))
            below = middle;
        else
            above = middle;
    }
    return below;
}

size_t sqz_margin_tier(const struct sqz_position *position, double price_usd)
{
    if (position->tiers == NULL)
        return 0;
    return tier_of(position->tiers, size_at(position, price_usd), false);
}

double sqz_margin_max_leverage(const struct sqz_position *position)
{
    if (position->tiers == NULL)
        return INFINITY;
    return position->tiers->tier[sqz_margin_tier(position, position->entry_usd)].max_leverage;
}

bool sqz_margin_holds(const struct sqz_position *position, size_t count, enum sqz_side side)
{
    for (size_t i = 0; i < count; i++)
        if (sqz_losing_side(position[i].side) == side)
            return true;
    return false;
}

struct sqz_position sqz_margin_part(const struct sqz_position *position, double quantity)
{
    struct sqz_position part = *position;
    part.deduction *= quantity / position->quantity;
    part.quantity = quantity;
    return part;
}

static bool computed_alike(const struct sqz_position *a, const struct sqz_position *b)
{
    return a->contract == b->contract && a->tiers == b->tiers && a->rate == b->rate &&
           a->rate_slope == b->rate_slope && a->fee == b->fee && a->on_entry == b->on_entry &&
           a->fee_at_bankruptcy == b->fee_at_bankruptcy;
}

/* What secures `from` and what it says of other markets becomes part of `into`. */
static void take_standing(struct sqz_position *into, const struct sqz_position *from)
{
    into->collateral += from->collateral;
    into->other_pnl += from->other_pnl;
    into->other_maintenance += from->other_maintenance;
}

/* Hand what a position that is gone was secured by to another. */
static void hand_over(struct sqz_position *gone, struct sqz_position *heir)
{
    take_standing(heir, gone);
    gone->quantity = gone->deduction = 0.0;
    gone->collateral = gone->other_pnl = gone->other_maintenance = 0.0;
}

/* Close as much of two positions on opposite sides as both have. Their profit is the same at every
 * price: that of the smaller one at the entry of the larger. */
static void set_off(struct sqz_position *larger, struct sqz_position *smaller)
{
    double rest = larger->quantity - smaller->quantity;
    larger->collateral += sqz_margin_pnl(smaller, larger->entry_usd);
    if (rest <= SQZ_REST_OF_ROUNDING * larger->quantity)
        rest = 0.0;
    *larger = sqz_margin_part(larger, rest);
    hand_over(smaller, larger);
}

void sqz_margin_net(struct sqz_position *position, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && position[i].quantity > 0.0; j++) {
            if (position[j].side == position[i].side || position[j].quantity == 0.0)
                continue;
            bool first = position[i].quantity >= position[j].quantity;
            set_off(&position[first ? i : j], &position[first ? j : i]);
        }
    size_t heir = 0;
    while (heir < count && position[heir].quantity == 0.0)
        heir++;
    heir = heir < count ? heir : 0;
    for (size_t i = 0; i < count; i++)
        if (i != heir && position[i].quantity == 0.0)
            hand_over(&position[i], &position[heir]);
}

bool sqz_margin_merge(struct sqz_position *into, const struct sqz_position *from)
{
    if (into->side != from->side || !computed_alike(into, from))
        return false;
    double value = value_at(into, into->entry_usd) + value_at(from, from->entry_usd);
    into->quantity += from->quantity;
    into->entry_usd =
        into->contract == SQZ_LINEAR ? value / into->quantity : into->quantity / value;
    into->deduction += from->deduction;
    take_standing(into, from);
    return true;
}

double sqz_margin_bankruptcy_usd(const struct sqz_position *position)
{
    double direction = direction_of(position), quantity = position->quantity;
    double worth = position->collateral + position->other_pnl;
    if (position->contract == SQZ_LINEAR)
        return (position->entry_usd - direction * worth / quantity) /
               (1.0 - direction * position->fee);
    double coin = quantity / position->entry_usd + direction * worth;
    return coin > 0.0 ? quantity * (1.0 + direction * position->fee) / coin : INFINITY;
}

/* The closing fee that counts at a price: a share of the value, there or where all is lost. */
static double fee_of(const struct sqz_position *position, double price_usd)
{
    if (position->fee == 0.0)
        return 0.0;
    double at_usd = position->fee_at_bankruptcy ? sqz_margin_bankruptcy_usd(position) : price_usd;
    return at_usd > 0.0 ? position->fee * value_at(position, at_usd) : 0.0;
}

/* What a position in a tier must be worth, the closing fee aside:
 * rate * value + bend * value^2 - deduction. */
struct demand {
    double rate, bend, deduction;
};

/* The demand in tier k, or its own. A size that is the value moves with it; any other is a
 * number, of which the rate and the deduction are so much of the value. */
static inline struct demand demand_of(const struct sqz_position *position, size_t k)
{
    const struct sqz_tier own = {.rate = position->rate, .slope = position->rate_slope};
    const struct sqz_tier *tier = position->tiers != NULL ? &position->tiers->tier[k] : &own;
    struct demand demand = {tier->rate, 0.0, 0.0};
    if (size_is_value(position)) {
        demand.bend = tier->slope;
        demand.deduction = tier->deduction;
    } else if (tier->slope != 0.0 || tier->deduction != 0.0) {
        double size = size_at(position, position->entry_usd);
        demand.rate += tier->slope * size;
        if (tier->deduction != 0.0)
            demand.rate -= tier->deduction / size;
    }
    if (position->tiers == NULL)
        demand.deduction = position->deduction;
    return demand;
}

static double demanded(const struct demand *demand, double value)
{
    return demand->rate * value + demand->bend * value * value - demand->deduction;
}

/* Part of an excess: offset + slope * z + bend * z^2 until the price reaches `edge_usd`, where z is
 * the price for a linear contract and its inverse for an inverse one. The bend is never above 0. */
struct line {
    double offset, slope, bend, edge_usd;
};

/* Where a position whose size rises or falls as the price moves towards `side` leaves tier k. */
static double edge_usd(const struct sqz_position *position, enum sqz_side side, bool rises,
                       size_t k)
{
    const struct sqz_tiers *tiers = position->tiers;
    if (rises && k + 1 == tiers->count)
        return side == SQZ_UP ? INFINITY : 0.0;
    double floor = tiers->tier[rises ? k + 1 : k].floor;
    return position->contract == SQZ_LINEAR ? floor / position->quantity
                                            : position->quantity / floor;
}

/* The tier of a position at a price about to move towards `side`, and where that ends. */
static inline size_t tier_ahead(const struct sqz_position *position, double price_usd,
                                enum sqz_side side, double *end_usd)
{
    double size = size_at(position, price_usd);
    if (!size_moves(position))
        return tier_of(position->tiers, size, false);
    bool rises = (side == SQZ_UP) == (position->contract == SQZ_LINEAR);
    size_t k = tier_of(position->tiers, size, rises);
    *end_usd = edge_usd(position, side, rises, k);
    if (side == SQZ_DOWN ? *end_usd < price_usd : *end_usd > price_usd)
        return k;
    if (!rises && k == 0)
        return k;
    k = rises ? k + 1 : k - 1; /* it stands on an edge, which rounding hid */
    *end_usd = edge_usd(position, side, rises, k);
    return k;
}

/* The line of one position at a price about to move towards `side`. */
static struct line line_of(const struct sqz_position *position, double price_usd,
                           enum sqz_side side)
{
    double direction = direction_of(position), quantity = position->quantity;
    struct line line = {.edge_usd = side == SQZ_UP ? INFINITY : 0.0};
    size_t k = 0;
    if (position->tiers != NULL)
        k = tier_ahead(position, price_usd, side, &line.edge_usd);
    struct demand demand = demand_of(position, k);
    double sign = position->contract == SQZ_LINEAR ? 1.0 : -1.0;
    double entry_value = value_at(position, position->entry_usd);
    line.offset = position->collateral + position->other_pnl - position->other_maintenance -
                  sign * direction * entry_value + demand.deduction;
    line.slope = sign * direction * quantity;
    double moving = position->on_entry ? 0.0 : demand.rate; /* with the value at the price */
    double fixed =
        position->on_entry ? (demand.rate + demand.bend * entry_value) * entry_value : 0.0;
    if (position->fee_at_bankruptcy)
        fixed += fee_of(position, price_usd);
    else
        moving += position->fee;
    line.offset -= fixed;
    line.slope -= moving * quantity;
    if (!position->on_entry)
        line.bend = -demand.bend * quantity * quantity;
    return line;
}

/* The line of all, until the nearest edge of any. */
static struct line line_of_all(const struct sqz_position *position, size_t count, double price_usd,
                               enum sqz_side side)
{
    struct line sum = line_of(&position[0], price_usd, side);
    for (size_t i = 1; i < count; i++) {
        struct line line = line_of(&position[i], price_usd, side);
        sum.offset += line.offset;
        sum.slope += line.slope;
        sum.bend += line.bend;
        sum.edge_usd =
            side == SQZ_UP ? fmin(sum.edge_usd, line.edge_usd) : fmax(sum.edge_usd, line.edge_usd);
    }
    return sum;
}

static double abscissa(const struct sqz_position *position, double price_usd)
{
    return position->contract == SQZ_LINEAR ? price_usd : 1.0 / price_usd;
}

static double line_at(const struct line *line, double z)
{
    return line->offset + (line->slope + line->bend * z) * z;
}

/* Towards this side sizes do not rise: a size on an edge belongs to the tier below. */
static enum sqz_side side_of_smaller(const struct sqz_position *position)
{
    return position->contract == SQZ_LINEAR ? SQZ_DOWN : SQZ_UP;
}

double sqz_margin_excess(const struct sqz_position *position, size_t count, double price_usd)
{
    struct line line = line_of_all(position, count, price_usd, side_of_smaller(position));
    return line_at(&line, abscissa(position, price_usd));
}

double sqz_margin_maintenance(const struct sqz_position *position, double price_usd)
{
    struct demand demand = demand_of(position, sqz_margin_tier(position, price_usd));
    return demanded(&demand, value_at(position, margin_price(position, price_usd))) +
           fee_of(position, price_usd);
}

/* Where a line meets zero on the way to `side` from a price at which it is below zero or not, as a
 * price. A bent line, which is above zero between two roots, is left at the one ahead; from below
 * it is entered at the nearer one. NAN: nowhere. */
static double root_usd(const struct sqz_position *position, const struct line *line, bool below,
                       enum sqz_side side)
{
    double z = -line->offset / line->slope;
    if (line->bend < 0.0) {
        double least, greatest;
        bool rising = (side == SQZ_UP) == (position->contract == SQZ_LINEAR); /* z */
        if (gsl_poly_solve_quadratic(line->bend, line->slope, line->offset, &least, &greatest) == 0)
            return NAN;
        z = rising != below ? greatest : least;
    }
    if (position->contract == SQZ_LINEAR)
        return z;
    return z > 0.0 ? 1.0 / z : INFINITY;
}

enum sqz_side sqz_margin_losing_side(const struct sqz_position *position, size_t count,
                                     double price_usd)
{
    struct line line = line_of_all(position, count, price_usd, side_of_smaller(position));
    double slope = line.slope + 2.0 * line.bend * abscissa(position, price_usd);
    const struct sqz_position *largest = position;
    for (size_t i = 1; i < count; i++)
        if (position[i].quantity > largest->quantity)
            largest = &position[i];
    if (slope == 0.0)
        return sqz_losing_side(largest->side);
    return (slope > 0.0) == (position->contract == SQZ_LINEAR) ? SQZ_DOWN : SQZ_UP;
}

double sqz_margin_trigger(const struct sqz_position *position, size_t count, double from_usd,
                          enum sqz_side side)
{
    bool below = sqz_margin_excess(position, count, from_usd) < 0.0;
    if (below && side != sqz_margin_losing_side(position, count, from_usd))
        return side == SQZ_UP ? INFINITY : 0.0;
    if (below) /* back to where it was not */
        side = side == SQZ_UP ? SQZ_DOWN : SQZ_UP;
    for (double price = from_usd;;) {
        struct line line = line_of_all(position, count, price, side);
        double excess = line_at(&line, abscissa(position, price));
        if ((excess < 0.0) != below)
            return price; /* maintenance jumped at the edge of a tier */
        double root = root_usd(position, &line, below, side);
        bool ahead = side == SQZ_UP ? root >= price : root <= price;
        bool within = side == SQZ_UP ? root <= line.edge_usd : root >= line.edge_usd;
        bool reached = root > 0.0 && root < INFINITY;
        if (ahead && within && (reached || !below))
            return root;
        if (line.edge_usd == 0.0 || line.edge_usd == INFINITY) {
            if (below)
                return from_usd;
            return ahead ? root : side == SQZ_UP ? INFINITY : 0.0;
        }
        price = line.edge_usd;
    }
}

double sqz_margin_liquidation_usd(const struct sqz_position *position)
{
    return sqz_margin_trigger(position, 1, position->entry_usd, sqz_losing_side(position->side));
}
