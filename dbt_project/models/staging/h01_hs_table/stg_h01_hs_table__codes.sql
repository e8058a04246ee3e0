with stg_h01_hs_table__codes as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.tariff_year,
        delivered.hs8,
        delivered.name_zh,
        delivered.unit1_code,
        delivered.unit1_name,
        delivered.unit2_code,
        delivered.unit2_name
    from {{ source('ods', 'h01_hs_table') }} as delivered
)

select * from stg_h01_hs_table__codes
