"""
### backfill: past days again, as one load and one publication / 补数

**中文** 按日期范围、分支局、数据源重新收取或装载, 一次构建发布, 并保留差异报告: 申请人、原因、计划、前后合计、变动。
逐日补数请用 `airflow backfill create` 或 `ingest` 的补数表单; 结果相同。可同时提交多个, 在现有的锁上依次进行。

**English** Fetches or judges a range of past days anew, builds and publishes once, and keeps a difference report: who
asked for it and why, the plan, the totals before and after, what moved. For one run per day use
`airflow backfill create`, or the backfill form of `ingest`: the result is the same. Several may be asked for at once:
they take turns on the locks that the daily runs use.

| task | does |
|---|---|
| `plan` | checks the form, keeps the plan and the totals of before; a dry run ends here |
| `fetch` | mode *fetch*: collects what is new from the branches; else nothing |
| `load` | judges the range's deliveries, by load groups |
| `build` | closes the days when all branches and feeds are asked for, builds, tests, promotes |
| `report` | answers the senders, keeps what moved: `ciq backfill show N` |

Any task may be cleared and run again: the run goes on with the plan that it began with.
"""

from datetime import datetime, timedelta

from airflow.sdk import DAG, Param, TriggerRule

from ciq_airflow.backfill_operators import (
    BuildRangeOperator,
    DifferenceOperator,
    FetchOperator,
    LoadRangeOperator,
    PlanBackfillOperator,
)
from ciq_airflow.callbacks import record_failure
from ciq_airflow.days import BUSINESS_ZONE

# Runs whatever failed before, but not when the request was refused: plan is upstream of each such task.
ALWAYS_IF_PLANNED = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS

FORM = {
    "from": Param(type="string", format="date", title="从 From", description="第一个业务日期 / first business date"),
    "to": Param(type="string", format="date", title="到 To", description="最后一个业务日期 / last business date"),
    "branches": Param(
        [],
        type=["null", "array"],
        items={"type": "string"},
        title="分支局 Branches",
        description="每行一个代码, 如 320100; 空为全部 / one code a line, for example 320100; none: all",
    ),
    "feeds": Param(
        [],
        type=["null", "array"],
        items={"type": "string"},
        title="数据源 Feeds",
        description="每行一个, 如 F01; 空为全部 / one a line, for example F01; none: all",
    ),
    "mode": Param(
        "fetch",
        enum=["fetch", "landing", "marts"],
        values_display={
            "fetch": "收取新文件并装载 / fetch what is new and load it",
            "landing": "按现行规则重新判定 / from landing, under today's rules",
            "marts": "仅重建统计 / rebuild the marts only",
        },
        type="string",
        title="方式 Mode",
    ),
    "reason": Param(
        type="string", minLength=1, title="原因 Reason", description="记入差异报告 / kept with the difference report"
    ),
    "ticket": Param("", type=["null", "string"], title="工单 Ticket"),
    "dry_run": Param(
        default=False,
        type="boolean",
        title="试算 Dry run",
        description="只出计划, 不执行 / the plan only, nothing is done",
    ),
}

with DAG(
    dag_id="backfill",
    schedule=None,
    start_date=datetime(2009, 12, 1, tzinfo=BUSINESS_ZONE),
    catchup=False,
    max_active_runs=4,
    params=FORM,
    default_args={
        "owner": "data engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=15),
        "on_failure_callback": record_failure,
    },
    doc_md=__doc__,
    description="补数: 计划、装载、一次发布、差异报告 / past days again: plan, load, one publication, what moved",
    tags=["ciq", "on demand"],
) as dag:
    plan = PlanBackfillOperator(task_id="plan", execution_timeout=timedelta(minutes=15))
    fetch = FetchOperator(task_id="fetch", pool="ciq_collect", execution_timeout=timedelta(hours=2))
    load = LoadRangeOperator.partial(
        task_id="load",
        pool="ciq_load",
        trigger_rule=ALWAYS_IF_PLANNED,
        execution_timeout=timedelta(hours=6),
        map_index_template="{{ task.load_group }}",
    ).expand(load_group=plan.output)
    build = BuildRangeOperator(
        task_id="build", pool="ciq_build", trigger_rule=ALWAYS_IF_PLANNED, execution_timeout=timedelta(hours=2)
    )
    report = DifferenceOperator(
        task_id="report", trigger_rule=ALWAYS_IF_PLANNED, execution_timeout=timedelta(minutes=30)
    )

    plan >> fetch >> load >> build >> report
    plan >> [build, report]
