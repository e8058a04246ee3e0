"""
### review: the annual review from the facts, frozen / 年度回顾

**中文** 每月一次 (分区键为月份, 如 2010-06): 由事实推导年初至该月末的各项指标, 与公布数值并列, 连同发布号、定义与 SQL
一并冻结, 只增不改; 十二月的一次即全年。也可手工触发, 在 Advanced Options 的 Partition Key 填月份;
全年填 2010-12。默认暂停, 启用后按月执行。

**English** Once a month (the partition key, such as 2010-06): derives every indicator of the year to the end of that
month from the facts, beside what was published, and freezes it with its publication, definitions and SQL, append-only.
The run of December is that of the year. Trigger it for any other, with the month as *Partition Key* under *Advanced
Options*: 2010-12 for all of 2010. Paused until a person switches it on.

| task | does |
|---|---|
| `open_period` | refuses a run without a period, skips one without due days, waits until its last day is closed |
| `freeze` | makes the review as known now and keeps it: `ciq review 2010 --list`, and the page behind its button |

Only scheduled runs wait. Run again, a task keeps nothing new: the run names the review that it froze first.
"""

from datetime import datetime, timedelta

from airflow.sdk import DAG, CronPartitionTimetable, Param

from ciq_airflow.callbacks import record_failure
from ciq_airflow.days import BUSINESS_ZONE
from ciq_airflow.review_operators import FreezeReviewOperator, OpenPeriodSensor

with DAG(
    dag_id="review",
    # The run of the first of a month is for the month that has just ended.
    schedule=CronPartitionTimetable("0 0 1 * *", run_offset=-1, key_format="%Y-%m", timezone="Asia/Shanghai"),
    start_date=datetime(2009, 12, 1, tzinfo=BUSINESS_ZONE),
    catchup=False,
    is_paused_upon_creation=True,
    max_active_runs=1,
    params={
        "reason": Param(
            "",
            type=["null", "string"],
            title="原因 Reason",
            description="记入冻结回顾; 空为定期 / kept with the frozen review; empty: scheduled",
        )
    },
    default_args={
        "owner": "statistics",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "on_failure_callback": record_failure,
    },
    doc_md=__doc__,
    description="年度回顾: 由事实推导并冻结 / the annual review from the facts, frozen",
    tags=["ciq", "monthly"],
) as dag:
    open_period = OpenPeriodSensor(
        task_id="open_period",
        mode="reschedule",
        poke_interval=600,
        timeout=timedelta(hours=24),
        execution_timeout=timedelta(minutes=5),
    )
    freeze = FreezeReviewOperator(task_id="freeze", execution_timeout=timedelta(hours=1))

    open_period >> freeze
