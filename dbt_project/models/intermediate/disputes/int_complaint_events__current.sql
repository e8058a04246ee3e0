{%- set columns = [
        'event_type',
        'event_time',
        'event_on',
        'org_code',
        'case_type',
        'channel',
        'accept_flag',
        'subject',
        'target_type',
        'assigned_org',
        'due_date',
        'anonymous_flag',
        'root_case_no',
    ] -%}

with int_complaint_events__current as (
    {{ current_rows(
        'stg_f11_complaint_event__events', 'int_complaint_events__ranked',
        ['case_no', 'event_seq'], columns,
    ) }}
)

select * from int_complaint_events__current
