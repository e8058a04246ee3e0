{%- set columns = [
        'org_code',
        'sample_no',
        'test_item',
        'lab_code',
        'decl_no',
        'programme',
        'received_time',
        'method_std',
        'result_value',
        'unit',
        'limit_value',
        'judgement',
        'reported_time',
        'outsourcing_flag',
        'received_on',
        'reported_on',
    ] -%}

with int_results__current as (
    {{ current_records('sample', 'stg_f13_lab_sample__results', columns) }}
)

select * from int_results__current
