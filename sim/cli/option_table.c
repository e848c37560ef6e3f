/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "sim/cli/option_codes.h"
#include "sim/cli/options.h"

const struct sqz_option_row sqz_option_table[] = {
    {PATHS, "paths", "N", "batch compare sweep bound score",
     "number of paths (10000; score: 400 for each map); also as 1e5 or 100k"},
    {SEED, "seed", "SEED", "batch compare sweep bound score run",
     "seed of the random streams; none: draw one and say it"},
    {JOBS, "jobs", "N", "batch compare sweep bound score",
     "threads (all processors); results do not depend on it"},
    {OUTPUT, "output", "DIR",
     "batch compare merge sweep bound score replay map ignite import init calibrate build-map",
     "write a result directory with tables and figures (import, init, calibrate, build-map: a CSV "
     "file; of a "
     "history a "
     "folder)"},
    {PATH, "path", "K", "run", "which path of the seed to follow (0)"},
    {SET, "set", "KEY=VALUE[UNIT]",
     "batch compare sweep bound score replay map ignite run check margin import init",
     "override a key of the scenario (margin: set a key venue.*; import: book.* and volatility of "
     "the market whose standstill scale is said); repeatable; a number without a "
     "unit has that of the "
     "scenario's row for the key, or the key's own where there is no row"},
    {JSON, "json", NULL,
     "batch compare merge sweep bound score replay map ignite run check margin models import "
     "calibrate build-map",
     "print JSON"},
    {CSV, "csv", NULL, "margin", "print CSV, a row for each position, in place of the table"},
    {SHOW, "show", NULL, "check", "print every resolved key with its unit and origin"},
    {STRICT, "strict", NULL, "check",
     "fail (exit status 3) where there is a remark: input that is legal but can hardly be meant"},
    {RESUME, "resume", "DIR", "batch compare",
     "go on with the result DIR where an earlier run was ended or killed; begins it where there is "
     "none. Without SCENARIO the earlier command line is taken"},
    {CONTINUE, "continue", "DIR", "batch compare",
     "add paths to the finished result DIR, up to --paths"},
    {SHARD, "shard", "K/N", "batch compare",
     "run the K-th of N parts of the paths, for squeeze merge (with -o and -s); auto: which one is "
     "told by an array job of Slurm, auto/N: or by GNU parallel"},
    {CHECKPOINT, "checkpoint", "SECONDS", "batch compare",
     "with -o, keep what is done once in so many seconds (10) beside DIR, for --resume"},
    {OUTCOMES, "outcomes", NULL, "batch", "also write outcomes.csv, one row per path (with -o)"},
    {FORMAT, "format", "LIST", "batch compare merge sweep bound score replay map ignite plot",
     "figure formats, one or more of svg,png,pdf (svg)"},
    {WIDTH, "width", "WIDTH", "batch compare merge sweep bound score replay map ignite plot",
     "of the figures, in mm or px (a paper's column: 85mm, its page: 175mm, a telephone: 390px)"},
    {NO_PLOT, "no-plot", NULL, "batch compare merge sweep bound score replay map ignite",
     "write the figures' scripts but do not draw them"},
    {ALLOW_CROSSED, "allow-crossed", NULL,
     "batch compare sweep bound score replay map ignite run check init",
     "accept levels on the wrong side of the price; they fire at time zero"},
    {MAX_EVENTS, "max-events", "N", "batch compare sweep bound score run",
     "cut a path off after N events (10000000)"},
    {NO_ATTRIBUTION, "no-attribution", NULL, "batch compare run",
     "do not follow each path without impact too: faster, no uplift by liquidations, and other "
     "draws"},
    {VARY, "vary", "KEY=LO:HI:N[:log]", "sweep",
     "vary a numeric key over N values from LO to HI, twice for a grid; ends without a unit have "
     "that of the scenario's row; rows are the base, pooled "
     "over "
     "all rows' paths, plus their paired difference to it"},
    {REFINE, "refine", "N", "sweep",
     "then add N values where the answer changes most, one by one, each halfway across the "
     "steepest interval; with one --vary"},
    {TORNADO, "tornado", NULL, "sweep",
     "vary one condition at a time instead: liquidity, macro, sentiment, timing, map scale"},
    {SCALE_BP, "scale-bp", "N", "map", "width of the branching ratio's window, in bp (50)"},
    {SIDE, "side", "up|down", "ignite",
     "towards the watched price on that side (the target, or else the floor)"},
    {WITH_DECAY, "with-decay", "SECONDS", "ignite",
     "also the paced order (TWAP) that does it over that time, in child orders a slice.interval "
     "apart (at most 1000), while the book recovers"},
    {VENUE, "venue", "NAME", "margin init",
     "whose rules of margin hold (full); see squeeze models"},
    {PRICE, "price", "USD", "import init", "price of the market when the map was made"},
    {RECORD, "record", "BARS", "bound score replay import",
     "recorded prices, CSV time,open_usd,high_usd,low_usd,close_usd (import: of which the price of "
     "a "
     "map is the open of the first bar from its time on)"},
    {HORIZONS, "horizons", "LIST", "score", "times ahead (1h,4h,24h)"},
    {SCALES, "scale", "LIST", "score replay",
     "of every notional of the maps (0.1,1,10; replay --explain: 0.1,0.3,1)"},
    {INCLUDE, "include", "FILE", "score init",
     "the market: a scenario's rows for book and drivers, key,value,unit; book.depth is required, "
     "here or by --set (init: repeatable)"},
    {MIX, "mix", "L:SHARE;...", "build-map", "leverage mix (10:4;25:23;50:32;100:41)"},
    {BUFFER, "buffer", "LAW", "build-map",
     "what the log distance of a level is times that of its leverage: a factor, or "
     "lognormal(MEDIAN; SIGMA), or none (lognormal(16; 1.4), as measured on large accounts)"},
    {MAINTENANCE, "maintenance", "SHARE", "build-map", "maintenance margin (0.5%)"},
    {EXIT_HAZARD, "exit-hazard", "RATE", "build-map",
     "at which positions are closed and opened anew by others, per day (0)"},
    {OPEN_SHARE, "open-share", "SHARE", "build-map",
     "of the volume traded that opens positions, where no open interest is recorded (10%)"},
    {BIN, "bin", "WIDTH", "build-map", "in which levels are put together, in bp (10)"},
    {AT, "at", "TIME", "build-map", "the map as it stood then (the end of the record)"},
    {EXPLAIN, "explain", NULL, "replay",
     "also the record less the impact of what it forced, and the share of the move, over --depth "
     "and --scale"},
    {REARM, "rearm", NULL, "replay",
     "levels stand again once the price has gone back by 1 %, as if others had opened there"},
    {ON_TOP, "impact-on-top", NULL, "replay",
     "let forced orders move the price on top of the record, which contains their impact already"},
    {EVERY, "every", "TIME", "replay", "rows of the table, as 5m or 1h (at most 24)"},
    {DEPTH, "depth", "FILE", "calibrate replay",
     "snapshots of the book: side,distance_bp,cumulative_usd, or many as "
     "time,bid,ask,bid_10bp_usd,ask_10bp_usd,... (replay: depths within 1 % to explain with, "
     "300M,1bn,3bn)"},
    {TRADES, "trades", "FILE", "calibrate",
     "taker orders, time,side,price_usd,notional_usd (or quantity)"},
    {EVENTS, "events", "FILE", "calibrate",
     "market orders that may excite one another, time[,notional_usd]"},
    {FUNDING, "funding", "FILE", "calibrate", "payments, time,rate"},
    {LEVELS, "levels", "FILE", "init", "liquidation levels, side,price_usd,notional_usd"},
    {POSITIONS, "positions", "FILE", "init", "open positions, in place of levels"},
    {TARGET, "target", "PRICE", "init", "the price that is asked about, as 100000 or +10%"},
    {FLOOR, "floor", "PRICE", "init", "another one, as -10%"},
    {HORIZON, "horizon", "TIME", "init calibrate", "how far ahead, as 7d (calibrate: 1d)"},
    {NAME, "name", "TEXT", "init", "label of the scenario"},
    {COLUMNS, "columns", "NAME=COLUMN,...", "import",
     "what columns of a table are called: price=px,notional=usd,side=dir,leverage=lev,time=t"},
    {SYMBOL, "symbol", "NAME", "import", "the market that is meant, of a file that holds several"},
    {SIDE_FROM_PRICE, "side-from-price", NULL, "import",
     "shorts are what lies above the price and longs what lies below, whatever the file says"},
    {SCALE_TOTAL, "scale-total", "USD", "import",
     "multiply a map so that its shorts and longs together are worth as much"},
    {SCALE_OI, "scale-oi", "USD", "import",
     "multiply a map so that its larger side is worth the open interest, of which every contract "
     "has one long and one short"},
    {SCALE_STANDSTILL, "scale-standstill", NULL, "import",
     "multiply a map by its standstill scale, the largest at which it could stand"},
    {RAW_USD, "raw-usd", NULL, "import",
     "take the provider's dollars for dollars; a modelled map needs this or another scale"},
    {FORCE, "force", NULL,
     "batch compare merge sweep bound score replay map ignite plot import init calibrate build-map",
     "overwrite an earlier result of squeeze, or edited scripts (import, init, calibrate, "
     "build-map: a "
     "file)"},
    {QUIET, "quiet", NULL, "*", "no progress and no remarks on standard error"},
    {HELP, "help", NULL, "*", "this text"},
    {MAN, "man", NULL, "help", "print the manual page of the program, or of COMMAND, for man"},
    {COMPLETION, "completion", NULL, "help", "print completions, for bash"},
    {VERSION_OPTION, "version", NULL, "*", "version of the program"},
    {0},
};
_Static_assert(sizeof sqz_option_table / sizeof sqz_option_table[0] == SQZ_OPTIONS + 1,
               "every code has a row");
