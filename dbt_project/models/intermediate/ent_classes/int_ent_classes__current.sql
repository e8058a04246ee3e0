{%- set columns = [
        'org_code',
        'ent_code',
        'assess_no',
        'org_inst_code',
        'ent_name',
        'city',
        'product_group',
        'product_risk',
        'assess_type',
        'class_code',
        'prev_class_code',
        'apply_date',
        'review_date',
        'approve_date',
        'effective_from',
        'effective_to',
        'approver_org',
        'supervision_mode',
        'status',
    ] -%}

with int_ent_classes__current as (
    {{ fact_of_records('ent_class', 'stg_f09_enterprise_class__assessments', columns, 'apply_date', 'assessments') }}
)

select * from int_ent_classes__current
