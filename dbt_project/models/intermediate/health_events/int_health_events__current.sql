{%- set columns = [
        'org_code',
        'event_no',
        'event_type',
        'port',
        'event_date',
        'conveyance_id',
        'from_country',
        'inspected_cnt',
        'vector_positive_cnt',
        'vector_code',
        'vector_latin',
        'vector_qty',
        'pathogen_positive',
        'persons_screened',
        'fever_cnt',
        'disease_code',
        'confirmed_flag',
        'cluster_id',
        'treatment',
        'treatment_operator',
    ] -%}

with int_health_events__current as (
    {{ current_records('health_event', 'stg_f06_health_quarantine__events', columns) }}
)

select * from int_health_events__current
