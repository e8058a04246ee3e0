{{
    config(
        unique_key=['feed_code', 'slice_version_id', 'record_no'],
        meta={
            'readers': 'province',
            'affected_by': 'int_affected__entities',
            'affected_columns': ['entity', 'key'],
            'indexes': [['entity', 'key'], ['feed_code', 'sender_org', 'business_date']],
        },
    )
}}
-- depends_on: {{ ref('int_affected__entities') }}

-- What stands by itself waits for nothing but the I of its D. An event that was taken back is in no fact, so its D is
-- void here; a return, a notice or a certificate of origin that was taken back stays in its fact, flagged, under its D.
with rows_of_all as (
    {% for feed, entity, ranked, key, item in [
        ('F05', 'origin_cert', 'int_origin_certs__ranked', 'coo_no', 'null'),
        ('F10', 'penalty_case', 'int_penalty_events__ranked', 'case_no', 'event_seq'),
        ('F11', 'dispute_case', 'int_complaint_events__ranked', 'case_no', 'event_seq'),
        ('F12', 'dispute_case', 'int_review_events__ranked', 'case_no', 'event_seq'),
        ('F18', 'notice', 'int_notices__ranked', 'notice_no', 'null'),
        ('H01', 'tariff_year', 'int_hs_tables__ranked', 'tariff_year', 'hs8'),
        ('N01', 'monthly_summary', 'int_monthly_summaries__ranked', 'org_code', "concat_ws(' ', period_end, topic, ie_flag)"),
        ('N12', 'legal_return', 'int_legal_returns__ranked', 'org_code', 'period_end'),
    ] -%}
    select
        '{{ feed }}' as feed_code,
        '{{ entity }}' as entity,
        {{ key }} as key,
        ({{ item }})::text as item,
        version_no,
        sender_org,
        business_date,
        slice_version_id,
        delivery_id,
        record_no,
        line_no,
        rank_no,
        is_delete,
        has_content
    from {{ ref(ranked) }}
    union all
    {% endfor -%}
    select
        feed_code,
        entity,
        key,
        nullif(item, '') as item,
        version_no,
        sender_org,
        business_date,
        slice_version_id,
        delivery_id,
        record_no,
        line_no,
        rank_no,
        is_delete,
        has_content
    from {{ ref('int_records__ranked') }}
),

fated as (
    select
        *,
        -- The first class that fits: superseded, void, waiting (decisions 5).
        case
            when rank_no > 1 then 'superseded'
            when has_content then 'void'
            else 'waiting'
        end as fate,
        case
            when rank_no > 1 then 'later_record'
            when has_content then 'taken_back'
            else 'void_without_record'
        end as reason
    from rows_of_all
    where rank_no > 1 or not has_content or (is_delete and feed_code in ('F10', 'F11', 'F12'))
),

fct_unused_case_row as (
    select
        fated.feed_code,
        fated.entity,
        fated.key,
        fated.item,
        fated.version_no,
        fated.sender_org,
        fated.business_date,
        fated.fate,
        fated.reason,
        penalties.penalty_currency as currency,
        penalties.penalty_cny as value_orig,
        fated.slice_version_id,
        fated.delivery_id,
        fated.record_no,
        fated.line_no
    from fated
    left join {{ ref('stg_f10_penalty_event__events') }} as penalties
        on fated.feed_code = 'F10'
        and fated.business_date = penalties.business_date
        and fated.slice_version_id = penalties.slice_version_id
        and fated.record_no = penalties.record_no
)

{{ versioned('fct_unused_case_row') }}
