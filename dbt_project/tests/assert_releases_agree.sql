-- If this goes, a lot shows a release that no certificate tells of, or a certificate counts on a lot that is void.
with lots as (
    select lots.*
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ next_state('fct_inspection_lot') }} as lots on affected.decl_no = lots.decl_no
),

told as (
    select
        lots.decl_no,
        count(known.cert_no) filter (where known.is_first_release) as releases,
        max(known.issue_time) filter (where known.is_first_release) as release_time,
        coalesce(sum(known.certificates), 0) as certificates
    from lots
    left join {{ next_state('fct_certificate') }} as known on lots.decl_no = known.decl_no
    group by lots.decl_no
)

select
    lots.decl_no,
    lots.release_time,
    told.release_time as told_time,
    lots.certificates,
    told.certificates as told_certificates
from lots
inner join told on lots.decl_no = told.decl_no
where
    told.release_time is distinct from lots.release_time
    or told.releases <> (lots.release_time is not null)::int
    or told.certificates <> case when lots.is_void then 0 else lots.certificates end
