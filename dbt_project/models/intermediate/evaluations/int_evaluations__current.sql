with int_evaluations__current as (
    select
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
        delivered.sample_no,
        delivered.version_no,
        deletes.delivery_id is not null as is_deleted,
        delivered.sender_org,
        delivered.business_date as row_business_date,
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.line_no,
        deletes.slice_version_id as void_slice_version_id,
        deletes.delivery_id as void_delivery_id,
        deletes.line_no as void_line_no
    from {{ ref('int_evaluations__ranked') }} as ranked
    inner join {{ source('ods', 'f03_inspection') }} as delivered
        on ranked.business_date = delivered.business_date
        and ranked.slice_version_id = delivered.slice_version_id
        and ranked.record_no = delivered.record_no
    left join {{ ref('int_evaluations__ranked') }} as deletes
        on ranked.decl_no = deletes.decl_no
        and ranked.eval_seq = deletes.eval_seq
        and deletes.rank_no = 1
        and deletes.is_delete
    where ranked.content_no = 1 and not ranked.is_delete
)

select * from int_evaluations__current
