with slices as (
    select
        published.slice_version_id,
        -- The place of a delivery in the sender's order (decisions 1.2) as a number: cheap to sort many rows by.
        row_number() over (order by versions.place, versions.slice_version_id) as place_no
    from {{ source('audit', 'slice_publication') }} as published
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    where published.feed_code = 'F03' and published.known_to_no is null
),

stg_f03_inspection__evaluations as (
    select
        slices.place_no,
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
    inner join slices on delivered.slice_version_id = slices.slice_version_id
)

select * from stg_f03_inspection__evaluations
