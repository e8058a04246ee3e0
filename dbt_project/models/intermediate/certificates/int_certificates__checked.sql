-- What a certificate says against its lot, as the facts of this build show it. Nothing is held against a certificate
-- that is void itself, nor against one of a void lot but that it is not.
with types as (
    select
        code as cert_type,
        (attributes ->> 'releases')::smallint as release_rank
    from {{ source('ref', 'code') }}
    where list_id = 'cert_type'
),

certificates as (
    select
        standing.*,
        standing.is_deleted or standing.status = '2' as is_void_itself,
        coalesce(types.release_rank, 0) as release_rank,
        lots.ie_flag,
        lots.decl_type,
        lots.stat_date,
        lots.accept_time,
        lots.direct_release_mode,
        lots.release_cert_no,
        lots.first_eval_seq,
        lots.is_void as is_lot_void,
        nullif(lots.dest_country, 'UNKNOWN') as lot_dest_country
    from {{ ref('int_certificates__current') }} as standing
    inner join {{ next_state('fct_inspection_lot') }} as lots on standing.decl_no = lots.decl_no
    left join types on standing.cert_type = types.cert_type
),

lines as (
    select
        certificates.cert_no,
        bool_or(lines.hs_code = certificates.hs_code) as has_hs_code,
        min(lines.hs_code) as first_hs_code
    from certificates
    inner join {{ next_state('fct_goods_line') }} as lines on certificates.decl_no = lines.decl_no
    where certificates.hs_code is not null and not lines.is_void
    group by certificates.cert_no
),

judged as (
    select
        certificates.*,
        lines.first_hs_code,
        evaluations.eval_time,
        not certificates.is_void_itself and not certificates.is_lot_void as is_valid,
        -- Import goods have their clearance form before the inspection: customs releases them to their destination.
        certificates.release_rank = 2 or (certificates.release_rank = 1 and certificates.ie_flag = 'E')
            as is_after_evaluation,
        coalesce(not lines.has_hs_code, false) as is_hs_code_other
    from certificates
    left join lines on certificates.cert_no = lines.cert_no
    left join {{ next_state('fct_evaluation') }} as evaluations
        on certificates.decl_no = evaluations.decl_no
        and certificates.first_eval_seq = evaluations.eval_seq
),

int_certificates__checked as (
    select
        judged.*,
        is_valid and coalesce(used_on > valid_to, false) as is_used_expired,
        is_valid and is_hs_code_other as has_other_hs_code,
        is_valid and coalesce(dest_country <> lot_dest_country, false) as has_other_country,
        is_valid and is_after_evaluation and coalesce(issue_time < eval_time, false) as is_before_evaluation,
        is_valid and is_after_evaluation and first_eval_seq is null as is_without_evaluation,
        is_lot_void and not is_void_itself as is_on_void_lot
    from judged
)

select * from int_certificates__checked
