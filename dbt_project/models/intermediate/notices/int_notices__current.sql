{%- set columns = [
        'org_code',
        'direction',
        'issuer',
        'issue_date',
        'notice_type',
        'decl_no',
        'product_group',
        'product_category',
        'product',
        'subject',
        'hazard',
        'hazard_category',
        'notifying_country',
        'origin_countries',
        'origin_org',
        'risk',
        'disposal',
        'national_flag',
    ] -%}

with int_notices__current as (
    {{ current_rows('stg_f18_warning_notice__notices', 'int_notices__ranked', ['notice_no'], columns) }}
)

select * from int_notices__current
