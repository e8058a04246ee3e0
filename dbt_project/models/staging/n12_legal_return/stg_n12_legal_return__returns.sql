with stg_n12_legal_return__returns as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.org_code,
        delivered.period_end,
        delivered.reconsiderations_filed,
        delivered.lawsuits_filed
    from {{ source('ods', 'n12_legal_return') }} as delivered
)

select * from stg_n12_legal_return__returns
