{%- set columns = [
        'event_type',
        'event_time',
        'event_on',
        'org_code',
        'procedure',
        'party_type',
        'party_code',
        'party_name',
        'cause_code',
        'law_article',
        'decision_no',
        'fine_cny',
        'confiscation_cny',
        'paid_cny',
        'campaign_code',
        'decl_no',
        'related_case_no',
    ] -%}

with int_penalty_events__current as (
    {{ current_rows(
        'stg_f10_penalty_event__events', 'int_penalty_events__ranked',
        ['case_no', 'event_seq'], columns,
    ) }}
)

select * from int_penalty_events__current
