-- Rules of scope build on goods lines and evaluations; a missing parent is told by every row that waits for it.
with headers as not materialized (
    select * from {{ ref('int_declarations__current') }}
    where not is_void
),

goods as (
    select
        lines.*,
        headers.ie_flag,
        headers.currency as header_currency
    from {{ ref('int_goods__valued') }} as lines
    inner join headers on lines.decl_no = headers.decl_no
    where not lines.is_deleted
),

evaluations as (
    select
        evaluated.*,
        headers.accept_time,
        headers.accept_officer
    from {{ ref('int_evaluations__current') }} as evaluated
    inner join headers on evaluated.decl_no = headers.decl_no
    where not evaluated.is_deleted
),

orphans as not materialized (
    select
        lines.decl_no,
        lines.goods_no,
        lines.version_no,
        lines.sender_org,
        lines.row_business_date,
        lines.slice_version_id,
        lines.delivery_id,
        lines.line_no,
        'F02' as feed_code
    from {{ ref('int_goods__current') }} as lines
    union all
    select
        evaluated.decl_no,
        evaluated.eval_seq,
        evaluated.version_no,
        evaluated.sender_org,
        evaluated.row_business_date,
        evaluated.slice_version_id,
        evaluated.delivery_id,
        evaluated.line_no,
        'F03' as feed_code
    from {{ ref('int_evaluations__current') }} as evaluated
),

waiting as (
    select orphans.*
    from orphans
    left join {{ ref('int_declarations__current') }} as declarations on orphans.decl_no = declarations.decl_no
    where declarations.decl_no is null
),

-- The row that voids: the last by record order, a D or the status VOID.
voids as (
    select
        declarations.decl_no,
        delivered.op_time as void_time
    from {{ ref('int_declarations__current') }} as declarations
    inner join {{ ref('int_declarations__ranked') }} as ranked
        on declarations.decl_no = ranked.decl_no
        and ranked.rank_no = 1
    inner join {{ source('ods', 'f01_declaration') }} as delivered
        on ranked.business_date = delivered.business_date
        and ranked.slice_version_id = delivered.slice_version_id
        and ranked.record_no = delivered.record_no
    where declarations.is_void
),

of_voids as (
    select
        evaluated.*,
        voids.void_time
    from voids
    inner join {{ ref('int_evaluations__current') }} as evaluated on voids.decl_no = evaluated.decl_no
    where not evaluated.is_deleted
),

numbered as (
    select
        evaluated.*,
        coalesce(lag(evaluated.eval_seq) over (partition by evaluated.decl_no order by evaluated.eval_seq), 0) + 1
            as next_seq
    from {{ ref('int_evaluations__current') }} as evaluated
    inner join headers on evaluated.decl_no = headers.decl_no
),

int_findings__rows as (
    {{ finding(
        'F02-parent-missing', 'waiting as concerned', "concerned.feed_code = 'F02'",
        "'a declaration'", 'null', 'concerned.goods_no',
    ) }}
    union all
    {{ finding(
        'F02-currency-differs', 'goods as concerned', 'not concerned.is_header_currency',
        'concerned.header_currency', 'concerned.currency', 'concerned.goods_no',
    ) }}
    union all
    -- A category names both directions (R.P/Q.S): it contradicts when it names only the other one.
    {{ finding(
        'F02-ciq_category-direction', 'goods as concerned',
        "case concerned.ie_flag when 'I' then concerned.ciq_category ~ '[NQS]' and concerned.ciq_category !~ '[MPR]'"
        ~ " else concerned.ciq_category ~ '[MPR]' and concerned.ciq_category !~ '[NQS]' end",
        "case concerned.ie_flag when 'I' then 'M, P, R' else 'N, Q, S' end", 'concerned.ciq_category',
        'concerned.goods_no',
    ) }}
    union all
    {{ finding(
        'F03-parent-missing', 'waiting as concerned', "concerned.feed_code = 'F03'",
        "'a declaration'", 'null', 'concerned.goods_no',
    ) }}
    union all
    {{ finding(
        'F03-time-order', 'evaluations as concerned',
        'concerned.eval_time < concerned.insp_end or concerned.insp_end < concerned.insp_start'
        ~ ' or coalesce(concerned.insp_start, concerned.insp_end)'
        ~ ' < greatest(concerned.accept_time, concerned.dispatch_time)'
        ~ ' or concerned.dispatch_time < concerned.accept_time',
        "'acceptance <= dispatch <= inspection <= evaluation'",
        "concat_ws(' ', concerned.accept_time, concerned.dispatch_time, concerned.insp_start, concerned.insp_end,"
        ~ " concerned.eval_time)",
        'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-duty-same_person', 'evaluations as concerned', 'concerned.accept_officer = concerned.inspector',
        "'another person than the accepting officer'", "'the same person'", 'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-eval_seq-gap', 'numbered as concerned', 'concerned.eval_seq > concerned.next_seq',
        'concerned.next_seq', 'concerned.eval_seq', 'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-void-evaluated', 'of_voids as concerned', 'concerned.eval_time > concerned.void_time',
        "'no evaluation after the withdrawal of ' || concerned.void_time", 'concerned.eval_time', 'concerned.eval_seq',
    ) }}
    union all
    {{ finding(
        'F03-void-nonconforming', 'of_voids as concerned',
        "concerned.result in ('N', 'R', 'T') and concerned.eval_time <= concerned.void_time",
        "'no withdrawal after result ' || concerned.result || ' of ' || concerned.eval_time", 'concerned.void_time',
        'concerned.eval_seq',
    ) }}
)

select * from int_findings__rows
