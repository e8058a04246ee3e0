{%- set columns = [
        'event_type',
        'event_time',
        'event_on',
        'org_code',
        'case_type',
        'authority',
        'related_case_no',
        'outcome',
    ] -%}

with int_review_events__current as (
    {{ current_rows(
        'stg_f12_legal_review__events', 'int_review_events__ranked',
        ['case_no', 'event_seq'], columns,
    ) }}
)

select * from int_review_events__current
