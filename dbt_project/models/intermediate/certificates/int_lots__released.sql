-- A lot is released by its earliest clearance form; where it has none, by the earliest of what hands it on: the exit
-- certificate that the port exchanges, or the entry certificate of inspection. One that is void releases nothing.
with releasing as (
    select
        code as cert_type,
        attributes ->> 'releases' as rank
    from {{ source('ref', 'code') }}
    where list_id = 'cert_type' and attributes ->> 'releases' in ('1', '2')
),

valid as (
    select certificates.*
    from {{ ref('int_affected__declarations') }} as affected
    inner join {{ ref('int_certificates__current') }} as certificates on affected.decl_no = certificates.decl_no
    where not certificates.is_deleted and certificates.status <> '2'
),

ordered as (
    select
        valid.*,
        releasing.rank is not null as releases,
        row_number() over (
            partition by valid.decl_no
            order by releasing.rank asc nulls last, valid.issue_time, valid.cert_no
        ) as place
    from valid
    left join releasing on valid.cert_type = releasing.cert_type
),

int_lots__released as (
    select
        decl_no,
        count(*)::int as certificates,
        max(cert_no) filter (where place = 1 and releases) as release_cert_no,
        max(issue_time) filter (where place = 1 and releases) as release_time
    from ordered
    group by decl_no
)

select * from int_lots__released
