#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/cli/commands.h"
#include "sim/cli/layout.h"
#include "sim/cli/session.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/results.h"

/* ---- the table ----------------------------------------------------------------------------- */

enum { KIND_WIDTH = 12, PRICE_WIDTH = 10, IMPACT_WIDTH = 8, SIDE_WIDTH = 5, MONEY_WIDTH = 9 };

/* How times are written: wide enough for the horizon, with as many decimals as there is room for.
 */
struct clock_format {
    int width, decimals;
};

static struct clock_format clock_format(double horizon_s)
{
    char text[SQZ_TEXT_SIZE];
    struct clock_format format = {.decimals = 3};
    for (double days = horizon_s / 86400; days >= 100 && format.decimals > 0; days /= 10)
        format.decimals--;
    format.width = sqz_layout_width(sqz_text_clock(text, horizon_s, format.decimals));
    return format;
}

/* What an event is called; an order of a driver by the driver. */
static const char *text_kind(char text[SQZ_TEXT_SIZE], const struct sqz_event *event)
{
    const char *name = sqz_event_name(event->kind);
    bool order = event->kind == SQZ_EVENT_ORDER;
    snprintf(text, SQZ_TEXT_SIZE, "%s%s%s", name, order ? " " : "", order ? event->driver : "");
    return text;
}

static void print_trade(const struct sqz_event *event, double start_usd)
{
    char money[SQZ_TEXT_SIZE], fill[SQZ_TEXT_SIZE] = "";
    if (!isnan(event->fill_log))
        sqz_text_price(fill, start_usd * exp(event->fill_log));
    printf(" %-*s %*s %*s", SIDE_WIDTH, sqz_event_side(event), MONEY_WIDTH,
           sqz_text_money(money, event->notional_usd), PRICE_WIDTH, fill);
}

static void print_event(const struct sqz_event *event, double start_usd,
                        const struct clock_format *clock)
{
    char price[SQZ_TEXT_SIZE], time[SQZ_TEXT_SIZE], kind[SQZ_TEXT_SIZE], impact[SQZ_TEXT_SIZE];
    snprintf(impact, sizeof impact, "%.1f", 1e4 * event->displacement_log);
    sqz_text_tidy(impact);
    int used = printf(
        "  %*s %-*s %*s %*s", clock->width, sqz_text_clock(time, event->time_s, clock->decimals),
        KIND_WIDTH, text_kind(kind, event), PRICE_WIDTH,
        sqz_text_price(price, start_usd * exp(event->exogenous_log + event->displacement_log)),
        IMPACT_WIDTH, impact);
    if (sqz_event_trades(event->kind))
        print_trade(event, start_usd);
    if (event->kind == SQZ_EVENT_JUMP)
        printf(" %s, %+.1f bp", event->driver, 1e4 * event->jump_log);
    putchar('\n');
    if (event->kind == SQZ_EVENT_CHANGE)
        sqz_layout_print(stdout, used - PRICE_WIDTH - IMPACT_WIDTH - KIND_WIDTH - 2, 2,
                         "%s: volatility %.3g %%, depth %.3g %%", event->driver,
                         100 * sqrt(86400.0) * event->volatility_per_sqrt_s,
                         100 * event->depth_left);
}

static void print_events(const struct sqz_event_log *log, double start_usd, double horizon_s)
{
    struct clock_format clock = clock_format(horizon_s);
    printf("\n  %*s %-*s %*s %*s %-*s %*s %*s\n", clock.width, "time", KIND_WIDTH, "event",
           PRICE_WIDTH, "price usd", IMPACT_WIDTH, "bp", SIDE_WIDTH, "side", MONEY_WIDTH, "usd",
           PRICE_WIDTH, "fill usd");
    for (size_t i = 0; i < log->count; i++)
        print_event(&log->event[i], start_usd, &clock);
    puts("\n  time: from the start; bp: displacement of the price by impact");
}

static void print_path(const struct sqz_session *session, uint64_t path,
                       const struct sqz_outcome *outcome, const struct sqz_event_log *log)
{
    double start = session->scenario->params.price_usd;
    char price[3][SQZ_TEXT_SIZE], money[2][SQZ_TEXT_SIZE];
    sqz_layout_print(stdout, 0, 2, "%s: seed %" PRIu64 ", path %" PRIu64,
                     sqz_scenario_label(session->scenario), session->seed, path);
    printf("\n  final %s usd, peak %s, trough %s\n",
           sqz_text_price(price[0], start * exp(outcome->final_log)),
           sqz_text_price(price[1], start * exp(outcome->peak_log)),
           sqz_text_price(price[2], start * exp(outcome->trough_log)));
    sqz_layout_print(
        stdout, 2, 2,
        "forced %s usd of shorts in %" PRIu64 " liquidation%s, %s usd of longs in %" PRIu64,
        sqz_text_money(money[0], outcome->forced_usd[SQZ_UP]), outcome->liquidations[SQZ_UP],
        outcome->liquidations[SQZ_UP] == 1 ? "" : "s",
        sqz_text_money(money[1], outcome->forced_usd[SQZ_DOWN]), outcome->liquidations[SQZ_DOWN]);
    sqz_text_measures(stdout, &session->scenario->world, outcome->measure);
    print_events(log, start, session->scenario->params.horizon_s);
}

int sqz_cmd_run(const struct sqz_options *options, struct sqz_diag *diag)
{
    struct sqz_session session;
    struct sqz_engine engine = {0};
    struct sqz_event_log log = {0};
    struct sqz_observer observer = {&log, sqz_event_log_add, 0};
    int error = sqz_session_open(&session, options, diag);
    if (error != SQZ_OK)
        return error;
    error = sqz_engine_init(&engine, &session.plan, diag);
    if (error == SQZ_OK) {
        sqz_session_say_seed(&session, options);
        sqz_engine_run(&engine, session.seed, options->path, &observer);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, 0);
        if (log.error != SQZ_OK)
            error = sqz_fail(diag, log.error, "no memory for the event log");
        else if (options->json)
            error = sqz_report_run(
                stdout, session.scenario,
                &(struct sqz_path_report){session.seed, options->path, outcome, &log}, diag);
        else
            print_path(&session, options->path, outcome, &log);
        if (error == SQZ_OK && outcome->stop == SQZ_STOP_MAX_EVENTS)
            error = sqz_fail(diag, SQZ_ERR_LIMIT, "the path was cut off by --max-events");
    }
    sqz_event_log_free(&log);
    sqz_engine_free(&engine);
    sqz_session_close(&session);
    return error;
}
