with stg_f03_inspection__evaluations as (
    select
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.sender_org,
        delivered.business_date,
        delivered.record_no,
        delivered.line_no,
        delivered.op,
        delivered.version_no,
        delivered.decl_no,
        delivered.eval_seq,
        delivered.goods_no,
        delivered.insp_dept,
        delivered.inspector,
        delivered.dispatch_time,
        delivered.insp_start,
        delivered.insp_end,
        delivered.eval_time,
        delivered.eval_on,
        delivered.insp_mode,
        delivered.supervision_mode,
        delivered.result,
        delivered.nc_category,
        delivered.nc_item,
        delivered.nc_reason_code,
        delivered.disposal,
        delivered.nc_qty,
        delivered.nc_value_usd,
        delivered.sample_no
    from {{ source('ods', 'f03_inspection') }} as delivered
)

select * from stg_f03_inspection__evaluations
