with in_force as (
    select
        slices.place_no,
        evaluations.*
    from {{ rows_of_affected('stg_f03_inspection__evaluations', 'ods.f03_inspection') }} as evaluations
    inner join {{ ref('int_slices__standing') }} as slices
        on evaluations.slice_version_id = slices.slice_version_id
),

int_evaluations__ranked as (
    select
        decl_no,
        eval_seq,
        version_no,
        business_date,
        slice_version_id,
        record_no,
        delivery_id,
        sender_org,
        line_no,
        op = 'D' as is_delete,
        row_number() over record_order as rank_no,
        sum((op <> 'D')::int) over record_order as content_no,
        bool_or(op <> 'D') over (partition by decl_no, eval_seq) as has_content,
        coalesce(version_no in (lag(version_no) over record_order, lead(version_no) over record_order), false)
            as is_repeated_version
    from in_force
    window
        record_order as (
            partition by decl_no, eval_seq
            order by version_no desc, business_date desc, place_no desc, line_no desc
            rows between unbounded preceding and current row
        )
)

select * from int_evaluations__ranked
