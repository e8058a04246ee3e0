{%- set columns = [
        'decl_no',
        'cert_type',
        'issue_time',
        'issued_on',
        'valid_to',
        'issue_org',
        'hs_code',
        'dest_country',
        'copies',
        'status',
        'customs_decl_no',
        'used_time',
        'used_on',
    ] -%}

with int_certificates__current as (
    {{ current_rows('stg_f04_release_cert__certificates', 'int_certificates__ranked', ['cert_no'], columns) }}
)

select * from int_certificates__current
