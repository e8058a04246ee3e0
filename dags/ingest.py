"""
### ingest: one business date, from the branches' folders to published facts / 每日装载

**中文** 每个业务日期 (分区键) 一次: 等到截止时间 (次日 02:00), 收取各分支局的数据文件与清单, 登记、装载、校验,
构建事实表并一次性发布, 最后向报送单位写回执。一个分支局失败不影响其他分支局, 当日数据为暂定。
补数: `airflow backfill create`, 或手工触发并填写分区键。

**English** One run per business date (the partition key). It waits for the cut-off (02:00 of the next day), collects
each branch's data files and manifests, registers, loads and audits them, builds the facts and publishes them at once,
and answers the senders. A branch that fails stops no other: the day is then provisional, and the run shows the
failure. To catch up: `airflow backfill create`, or trigger the DAG with a partition key.

| task | does |
|---|---|
| `open_day` | refuses a run without a partition key, skips days outside `CIQ_FIRST_DAY..CIQ_LAST_DAY`, waits |
| `collect` | fetches what is new up to the date, by groups of branches |
| `load` | judges deliveries and accepts their rows, by load groups of the contracts |
| `build` | closes the day, builds, tests, promotes the next publication |
| `report` | writes receipts and return files, logs the day, fails if a step failed |

Only scheduled runs wait. Any task may be cleared and run again: all state is in the warehouse.
"""

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronPartitionTimetable, TriggerRule

from ciq_airflow.callbacks import record_failure
from ciq_airflow.days import BUSINESS_ZONE
from ciq_airflow.operators import BuildOperator, CollectOperator, LoadOperator, OpenDaySensor, ReportOperator

BRANCH_GROUPS = 3
"""With six load groups a day takes twelve task instances: about what the scheduler starts in three seconds."""

# Runs whatever failed before, but not when the day was refused or skipped: open_day is upstream of each such task.
ALWAYS_IF_OPEN = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS

with DAG(
    dag_id="ingest",
    # The run of midnight is for the day that has just ended. With another hour a backfill would lose its last day.
    schedule=CronPartitionTimetable("0 0 * * *", run_offset=-1, key_format="%Y-%m-%d", timezone="Asia/Shanghai"),
    start_date=datetime(2009, 12, 1, tzinfo=BUSINESS_ZONE),
    catchup=False,
    max_active_runs=4,
    default_args={
        "owner": "data engineering",
        "retries": 2,
        "retry_delay": timedelta(seconds=15),
        "on_failure_callback": record_failure,
    },
    doc_md=__doc__,
    description="每日装载: 收取、装载、构建、发布 / one business date from the branches' folders to published facts",
    tags=["ciq", "daily"],
) as dag:
    open_day = OpenDaySensor(
        task_id="open_day",
        mode="reschedule",
        poke_interval=300,
        timeout=timedelta(hours=6),
        execution_timeout=timedelta(minutes=5),
    )
    collect = CollectOperator.partial(
        task_id="collect",
        groups=BRANCH_GROUPS,
        pool="ciq_collect",
        execution_timeout=timedelta(minutes=30),
        map_index_template="group {{ task.group }}: {{ branches }}",
    ).expand(group=list(range(1, BRANCH_GROUPS + 1)))
    load = LoadOperator.partial(
        task_id="load",
        pool="ciq_load",
        trigger_rule=ALWAYS_IF_OPEN,
        execution_timeout=timedelta(hours=1),
        map_index_template="{{ task.load_group }}",
    ).expand(load_group=open_day.output)
    build = BuildOperator(
        task_id="build", pool="ciq_build", trigger_rule=ALWAYS_IF_OPEN, execution_timeout=timedelta(hours=1)
    )
    report = ReportOperator(task_id="report", trigger_rule=ALWAYS_IF_OPEN, execution_timeout=timedelta(minutes=15))

    open_day >> collect >> load >> build >> report
    open_day >> [build, report]
