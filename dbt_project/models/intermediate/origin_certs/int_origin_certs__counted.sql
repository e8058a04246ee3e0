-- A certificate counts unless it is void or another one that is not void stands in its place: an exporter whose
-- certificate was amended or reissued has saved the duty once (Q8).
with standing as (
    select
        *,
        is_deleted or status = '2' as is_void
    from {{ ref('int_origin_certs__current') }}
),

replacing as (
    select
        replaces_coo_no,
        min(coo_no) as replaced_by_coo_no
    from standing
    where not is_void and replaces_coo_no is not null and replaces_coo_no <> coo_no
    group by replaces_coo_no
),

int_origin_certs__counted as (
    select
        standing.*,
        replacing.replaced_by_coo_no,
        not standing.is_void and replacing.replaced_by_coo_no is null as is_counted,
        -- A saving of 0 without a rate says that nobody knows it.
        case
            when
                standing.est_duty_saving_cny = 0
                and (standing.mfn_rate is null or standing.pref_rate is null)
                then null
            else standing.est_duty_saving_cny
        end as known_saving_cny
    from standing
    left join replacing on standing.coo_no = replacing.replaces_coo_no
)

select * from int_origin_certs__counted
