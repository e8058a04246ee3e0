-- Events of complaints, reports and consultations (F11), and of reconsiderations and lawsuits (F12), as one kind.
{%- set shared -%}
    case_no,
        event_seq,
        event_type,
        event_time,
        event_on,
        org_code,
        case_type
{%- endset -%}
{%- set lineage -%}
    version_no,
        is_deleted,
        sender_org,
        row_business_date,
        slice_version_id,
        delivery_id,
        line_no
{%- endset %}

with int_dispute_events__current as (
    select
        'F11' as feed_code,
        {{ shared }},
        channel,
        target_type,
        anonymous_flag,
        subject,
        assigned_org,
        due_date,
        accept_flag,
        root_case_no,
        null::text as authority,
        null::text as outcome,
        null::text as related_case_no,
        {{ lineage }}
    from {{ ref('int_complaint_events__current') }}
    union all
    select
        'F12' as feed_code,
        {{ shared }},
        null as channel,
        null as target_type,
        null as anonymous_flag,
        null as subject,
        null as assigned_org,
        null as due_date,
        null as accept_flag,
        null as root_case_no,
        authority,
        outcome,
        related_case_no,
        {{ lineage }}
    from {{ ref('int_review_events__current') }}
)

select * from int_dispute_events__current
