{{
    config(
        unique_key=['event_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'standard_event',
            'affected_columns': ['event_no'],
            'indexes': [['std_no', 'std_event'], ['event_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'event_no',
        'std_no',
        'std_event',
        'event_date',
        'org_code',
        'superseded_by',
    ] -%}

with records as (
    {{ fact_of_records(
        'standard_event', 'stg_f14_lab_management__standard_events', columns, 'event_date', 'entries',
    ) }}
),

fct_standard_event as (
    select
        records.event_no,
        {{ standard_number('records.std_no') }} as std_no,
        records.std_event,
        records.event_date,
        records.org_code,
        records.superseded_by,
        records.org_id,
        records.sender_org,
        records.business_date,
        records.version_no,
        records.is_void,
        records.entries,
        records.std_no as std_no_sent,
        records.slice_version_id,
        records.delivery_id,
        records.line_no,
        records.void_slice_version_id,
        records.void_delivery_id,
        records.void_line_no
    from records
)

{{ versioned('fct_standard_event') }}
