{{
    config(
        unique_key=['decl_no', 'eval_seq'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__declarations',
            'affected_columns': ['decl_no'],
            'indexes': [
                ['decl_no'],
                ['stat_date', 'office'],
                ['business_date', 'sender_org'],
            ],
        },
    )
}}

with lots as (
    select lots.*
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots
        on affected.decl_no = lots.decl_no
),

fct_evaluation as (
    select
        evaluations.decl_no,
        evaluations.eval_seq,
        evaluations.goods_no,
        evaluations.eval_on,
        lots.ie_flag,
        lots.decl_type,
        lots.business_date,
        lots.stat_date,
        lots.org_id,
        lots.office,
        evaluations.sender_org,
        evaluations.insp_dept,
        evaluations.dispatch_time,
        evaluations.insp_start,
        evaluations.insp_end,
        evaluations.eval_time,
        evaluations.insp_mode,
        {{ unknown('evaluations.supervision_mode') }} as supervision_mode,
        evaluations.result,
        evaluations.nc_category,
        evaluations.nc_item,
        evaluations.nc_reason_code,
        evaluations.disposal,
        evaluations.sample_no,
        evaluations.version_no,
        coalesce(evaluations.eval_seq = lots.first_eval_seq, false) and not evaluations.is_deleted as is_first,
        coalesce(evaluations.eval_seq = lots.final_eval_seq, false) and not evaluations.is_deleted as is_final,
        evaluations.is_deleted or lots.is_void as is_void,
        lots.is_counted and not evaluations.is_deleted as is_counted,
        (lots.is_counted and not evaluations.is_deleted)::int as evaluations,
        evaluations.nc_qty,
        evaluations.nc_value_usd,
        evaluations.slice_version_id,
        evaluations.delivery_id,
        evaluations.line_no,
        evaluations.void_slice_version_id,
        evaluations.void_delivery_id,
        evaluations.void_line_no
    from {{ ref('int_evaluations__current') }} as evaluations
    inner join lots on evaluations.decl_no = lots.decl_no
)

{{ versioned('fct_evaluation') }}
