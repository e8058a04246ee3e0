with stg_f08_wood_packaging__packages as (
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
        delivered.decl_no,
        delivered.pack_seq,
        delivered.pack_type,
        delivered.pieces,
        delivered.ippc_mark_flag,
        delivered.ippc_country,
        delivered.producer_mark_no,
        delivered.treatment,
        delivered.inspected_flag,
        delivered.live_pest_flag,
        delivered.disposal
    from {{ source('ods', 'f08_wood_packaging') }} as delivered
)

select * from stg_f08_wood_packaging__packages
