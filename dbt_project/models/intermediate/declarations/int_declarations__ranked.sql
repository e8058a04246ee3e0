-- The affected keys are joined before the window: a window over the view scans all history (decisions 15).
with in_force as (
    select
        slices.place_no,
        declarations.*
    from {{ rows_of_affected('stg_f01_declaration__declarations', 'ods.f01_declaration') }} as declarations
    inner join {{ ref('int_slices__standing') }} as slices
        on declarations.slice_version_id = slices.slice_version_id
),

int_declarations__ranked as (
    select
        decl_no,
        version_no,
        business_date,
        slice_version_id,
        record_no,
        delivery_id,
        sender_org,
        line_no,
        void_reason,
        op = 'D' as is_delete,
        row_number() over record_order as rank_no,
        sum((op <> 'D')::int) over record_order as content_no,
        bool_or(op <> 'D') over (partition by decl_no) as has_content,
        coalesce(version_no in (lag(version_no) over record_order, lead(version_no) over record_order), false)
            as is_repeated_version,
        version_no - coalesce(lead(version_no) over record_order, 0) as version_step
    from in_force
    window
        record_order as (
            partition by decl_no
            order by version_no desc, business_date desc, place_no desc, line_no desc
            rows between unbounded preceding and current row
        )
)

select * from int_declarations__ranked
