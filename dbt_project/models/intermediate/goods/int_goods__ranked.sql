with in_force as (
    select
        slices.place_no,
        goods.decl_no,
        goods.goods_no,
        goods.version_no,
        goods.business_date,
        goods.slice_version_id,
        goods.record_no,
        goods.delivery_id,
        goods.sender_org,
        goods.line_no,
        goods.op
    from {{ rows_of_affected('stg_f02_goods__goods', 'ods.f02_goods') }} as goods
    inner join {{ ref('int_slices__standing') }} as slices
        on goods.slice_version_id = slices.slice_version_id
),

contents as (
    select * from in_force where op <> 'D'
),

-- A D counts once its I is there: without a row of the same line it waits, and replaces no set (decisions 4).
deletes as (
    select
        in_force.*,
        exists(
            select from contents where contents.decl_no = in_force.decl_no and contents.goods_no = in_force.goods_no
        ) as has_content
    from in_force
    where in_force.op = 'D'
),

counting as (
    select contents.*, true as has_content from contents
    union all
    select deletes.* from deletes where deletes.has_content
),

ordered as (
    select
        *,
        -- A version replaces the whole item set: its rows of the highest (version, business date, place).
        dense_rank() over (partition by decl_no order by version_no desc, business_date desc, place_no desc) as set_no,
        lag(array[version_no, place_no, goods_no]) over (
            partition by decl_no order by version_no desc, business_date desc, place_no desc, goods_no, line_no desc
        ) as before
    from counting
),

int_goods__ranked as (
    select
        decl_no,
        goods_no,
        version_no,
        business_date,
        slice_version_id,
        record_no,
        delivery_id,
        sender_org,
        line_no,
        op = 'D' as is_delete,
        has_content,
        set_no,
        -- The same line twice in one set: the later stands.
        coalesce(before = array[version_no, place_no, goods_no], false) as is_repeated
    from ordered
    union all
    select
        decl_no,
        goods_no,
        version_no,
        business_date,
        slice_version_id,
        record_no,
        delivery_id,
        sender_org,
        line_no,
        true as is_delete,
        false as has_content,
        1 as set_no,
        row_number() over (
            partition by decl_no, goods_no
            order by version_no desc, business_date desc, place_no desc, line_no desc
        ) > 1 as is_repeated
    from deletes
    where not has_content
)

select * from int_goods__ranked
