#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/cli/commands.h"
#include "sim/cli/session.h"
#include "sim/cli/text.h"
#include "sim/io/report.h"
#include "sim/io/results.h"

static void print_event(const struct sqz_event *event, double start_usd)
{
    char price[SQZ_TEXT_SIZE], money[SQZ_TEXT_SIZE], fill[SQZ_TEXT_SIZE];
    printf("  %14.3f  %-12s %14s %14.1f", event->time_s, sqz_event_name(event->kind),
           sqz_text_price(price, start_usd * exp(event->exogenous_log + event->displacement_log)),
           1e4 * event->displacement_log);
    if (sqz_event_trades(event->kind))
        printf(
            "  %-6s %12s %14s", sqz_event_side(event), sqz_text_money(money, event->notional_usd),
            isnan(event->fill_log) ? "" : sqz_text_price(fill, start_usd * exp(event->fill_log)));
    if (event->kind == SQZ_EVENT_ORDER)
        printf("  %s", event->driver);
    if (event->kind == SQZ_EVENT_JUMP)
        printf("  %34s  %s, %+.1f bp", "", event->driver, 1e4 * event->jump_log);
    if (event->kind == SQZ_EVENT_CHANGE)
        printf("  %34s  %s, volatility %.3g %%, depth %.3g %%", "", event->driver,
               100 * sqrt(86400.0) * event->volatility_per_sqrt_s, 100 * event->depth_left);
    putchar('\n');
}

static void print_path(const struct sqz_session *session, uint64_t path,
                       const struct sqz_outcome *outcome, const struct sqz_event_log *log)
{
    double start = session->scenario->params.price_usd;
    char price[3][SQZ_TEXT_SIZE], money[2][SQZ_TEXT_SIZE];
    printf("%s: seed %" PRIu64 ", path %" PRIu64 "\n\n",
           session->scenario->params.name != NULL ? session->scenario->params.name
                                                  : session->scenario->file,
           session->seed, path);
    printf("  final %s usd, peak %s, trough %s\n",
           sqz_text_price(price[0], start * exp(outcome->final_log)),
           sqz_text_price(price[1], start * exp(outcome->peak_log)),
           sqz_text_price(price[2], start * exp(outcome->trough_log)));
    printf(
        "  forced %s usd of shorts in %" PRIu64 " liquidations, %s usd of longs in %" PRIu64 "\n",
        sqz_text_money(money[0], outcome->forced_usd[SQZ_UP]), outcome->liquidations[SQZ_UP],
        sqz_text_money(money[1], outcome->forced_usd[SQZ_DOWN]), outcome->liquidations[SQZ_DOWN]);
    sqz_text_measures(stdout, &session->scenario->world, outcome->measure);
    printf("\n  %14s  %-12s %14s %14s  %-6s %12s %14s  %s\n", "time s", "event", "price usd",
           "impact bp", "side", "notional usd", "fill usd", "driver");
    for (size_t i = 0; i < log->count; i++)
        print_event(&log->event[i], start);
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
        sqz_engine_run(&engine, session.seed, options->path, &observer);
        const struct sqz_outcome *outcome = sqz_engine_outcome(&engine, 0);
        if (log.error != SQZ_OK)
            error = sqz_fail(diag, log.error, "no memory for the event log");
        else if (options->json)
            error = sqz_report_run(stdout, session.scenario, session.seed, options->path, outcome,
                                   &log, diag);
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
