{%- set columns = [
        'org_code',
        'coo_type',
        'apply_ent',
        'apply_ent_name',
        'issue_org',
        'issue_date',
        'dest_country',
        'invoice_no',
        'fob_usd',
        'hs6',
        'origin_criterion',
        'mfn_rate',
        'pref_rate',
        'est_duty_saving_cny',
        'replaces_coo_no',
        'retro_flag',
        'status',
    ] -%}

with int_origin_certs__current as (
    {{ current_rows('stg_f05_origin_cert__certificates', 'int_origin_certs__ranked', ['coo_no'], columns) }}
)

select * from int_origin_certs__current
