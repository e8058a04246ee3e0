with decisive as (
    select
        decl_no,
        eval_seq,
        eval_on,
        result,
        nc_category,
        row_number() over (partition by decl_no order by eval_seq) as first_no,
        lead(eval_seq) over (partition by decl_no order by eval_seq) is null as is_last
    from {{ ref('int_evaluations__current') }}
    where not is_deleted and result <> 'P'
),

-- Q2 and Q4: the lowest eval_seq whose current result is not P gives date and result; the last one stands beside it.
int_lots__evaluated as (
    select
        decl_no,
        max(eval_seq) filter (where first_no = 1) as first_eval_seq,
        max(eval_on) filter (where first_no = 1) as stat_date,
        max(result) filter (where first_no = 1) as first_result,
        max(nc_category) filter (where first_no = 1) as nc_category,
        max(eval_seq) filter (where is_last) as final_eval_seq,
        max(result) filter (where is_last) as final_result
    from decisive
    group by decl_no
)

select * from int_lots__evaluated
