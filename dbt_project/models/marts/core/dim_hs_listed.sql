{{
    config(
        unique_key=['tariff_year', 'hs8'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__tariff_years',
            'affected_columns': ['tariff_year'],
            'indexes': [['hs8'], ['business_date', 'sender_org']],
        },
    )
}}

with codes as (
    select * from {{ ref('int_hs_tables__current') }}
),

dim_hs_listed as (
    select
        codes.tariff_year,
        codes.hs8,
        codes.name_zh,
        codes.unit1_code,
        codes.unit1_name,
        codes.unit2_code,
        codes.unit2_name,
        codes.sender_org,
        codes.row_business_date as business_date,
        codes.version_no,
        codes.is_deleted as is_void,
        codes.slice_version_id,
        codes.delivery_id,
        codes.line_no,
        codes.void_slice_version_id,
        codes.void_delivery_id,
        codes.void_line_no
    from codes
)

{{ versioned('dim_hs_listed') }}
