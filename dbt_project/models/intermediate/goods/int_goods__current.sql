-- Not materialized: the planner knows nothing of a materialized CTE, and joins it row by row.
with ranked as not materialized (
    select * from {{ ref('int_goods__ranked') }}
),

standing as (
    select * from ranked where set_no = 1 and has_content and not is_repeated
),

-- A line that its set deletes stays, flagged, with the columns of its last I or U.
deleted as (
    select distinct on (ranked.decl_no, ranked.goods_no)
        ranked.decl_no,
        ranked.goods_no,
        ranked.business_date,
        ranked.slice_version_id,
        ranked.record_no,
        standing.slice_version_id as void_slice_version_id,
        standing.delivery_id as void_delivery_id,
        standing.line_no as void_line_no
    from standing
    inner join ranked
        on standing.decl_no = ranked.decl_no
        and standing.goods_no = ranked.goods_no
        and not ranked.is_delete
    where standing.is_delete
    order by ranked.decl_no, ranked.goods_no, ranked.set_no, ranked.is_repeated
),

lines as (
    select
        business_date,
        slice_version_id,
        record_no,
        null::bigint as void_slice_version_id,
        null::bigint as void_delivery_id,
        null::bigint as void_line_no
    from standing
    where not is_delete
    union all
    select
        business_date,
        slice_version_id,
        record_no,
        void_slice_version_id,
        void_delivery_id,
        void_line_no
    from deleted
),

int_goods__current as (
    select
        delivered.decl_no,
        delivered.goods_no,
        delivered.hs_code,
        delivered.ciq_code,
        delivered.goods_name_cn,
        delivered.supervision_cond,
        delivered.ciq_category,
        delivered.origin_country,
        delivered.qty,
        delivered.qty_unit,
        -- 035 kilogram, 036 gram, 070 tonne; a weight without a unit is in kilograms.
        (
            delivered.weight_net
            * case coalesce(delivered.weight_unit, '035')
                when '035' then 1
                when '036' then 0.001
                when '070' then 1000
            end
        )::numeric(18, 4) as net_weight_kg,
        delivered.goods_value,
        delivered.currency,
        delivered.version_no,
        lines.void_delivery_id is not null as is_deleted,
        delivered.sender_org,
        delivered.business_date as row_business_date,
        delivered.slice_version_id,
        delivered.delivery_id,
        delivered.line_no,
        lines.void_slice_version_id,
        lines.void_delivery_id,
        lines.void_line_no
    from lines
    inner join {{ source('ods', 'f02_goods') }} as delivered
        on lines.business_date = delivered.business_date
        and lines.slice_version_id = delivered.slice_version_id
        and lines.record_no = delivered.record_no
)

select * from int_goods__current
