with month_statuses as (
    {{ running_month_statuses() }}
),

counted as (
    select
        {{ month_end('stat_date') }} as month_end,
        org_id,
        sum(lots) filter (where ie_flag = 'I') as lots_entry,
        sum(lots) filter (where ie_flag = 'E') as lots_exit,
        sum(lots_nonconforming) filter (where ie_flag = 'I') as lots_nonconforming_entry,
        sum(lots_nonconforming) filter (where ie_flag = 'E') as lots_nonconforming_exit,
        sum(value_usd_header) filter (where ie_flag = 'I') as value_usd_entry,
        sum(value_usd_header) filter (where ie_flag = 'E') as value_usd_exit
    from {{ as_of('fct_volume') }} as volume
    group by month_end, org_id
),

certificates as (
    select
        {{ month_end('issued_on') }} as month_end,
        org_id,
        sum(certificates) as certificates
    from {{ as_of('fct_certificate') }} as issued
    group by month_end, org_id
),

origin_certificates as (
    select
        {{ month_end('issue_date') }} as month_end,
        org_id,
        sum(certificates) as origin_certificates,
        sum(fob_counted_usd) as origin_fob_usd,
        sum(est_duty_saving_cny) as est_duty_saving_cny
    from {{ as_of('fct_origin_cert') }} as origin
    group by month_end, org_id
),

interceptions as (
    select
        {{ month_end('intercept_date') }} as month_end,
        org_id,
        sum(interceptions) as interceptions
    from {{ as_of('fct_pest_interception') }} as pests
    group by month_end, org_id
),

screenings as (
    select
        {{ month_end('event_date') }} as month_end,
        org_id,
        sum(persons_screened) as persons_screened
    from {{ as_of('fct_health_screening') }} as health
    group by month_end, org_id
),

penalties as (
    select
        {{ month_end('decided_date') }} as month_end,
        org_id,
        sum(cases_decided) as penalties_decided,
        sum(fine_cny) as fine_cny
    from {{ as_of('fct_penalties') }} as cases
    where cases_decided = 1
    group by month_end, org_id
),

disputes as (
    select
        month_end,
        org_id,
        sum(matters_accepted) filter (where case_kind = 'COMPLAINT') as complaints_accepted,
        sum(matters_accepted) filter (where case_kind = 'REPORT') as reports_accepted
    from {{ as_of('fct_dispute_months') }} as months
    group by month_end, org_id
),

-- Each subject has its own months: a branch may issue certificates in one in which it evaluates no lot.
months as (
    {% for subject in [
        'counted', 'certificates', 'origin_certificates', 'interceptions', 'screenings', 'penalties', 'disputes',
    ] -%}
    select month_end, org_id from {{ subject }}
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    months.month_end,
    months.org_id,
    coalesce(counted.lots_entry, 0)::bigint as lots_entry,
    coalesce(counted.lots_exit, 0)::bigint as lots_exit,
    coalesce(counted.lots_nonconforming_entry, 0)::bigint as lots_nonconforming_entry,
    coalesce(counted.lots_nonconforming_exit, 0)::bigint as lots_nonconforming_exit,
    coalesce(counted.value_usd_entry, 0)::numeric(20, 2) as value_usd_entry,
    coalesce(counted.value_usd_exit, 0)::numeric(20, 2) as value_usd_exit,
    coalesce(certificates.certificates, 0)::bigint as certificates,
    coalesce(origin_certificates.origin_certificates, 0)::bigint as origin_certificates,
    coalesce(origin_certificates.origin_fob_usd, 0)::numeric(20, 2) as origin_fob_usd,
    coalesce(origin_certificates.est_duty_saving_cny, 0)::numeric(20, 2) as est_duty_saving_cny,
    coalesce(interceptions.interceptions, 0)::bigint as interceptions,
    coalesce(screenings.persons_screened, 0)::bigint as persons_screened,
    coalesce(penalties.penalties_decided, 0)::bigint as penalties_decided,
    coalesce(penalties.fine_cny, 0)::numeric(20, 2) as fine_cny,
    -- Complaints are told once the month is closed: until then nobody knows of none.
    {% for measure in ['complaints_accepted', 'reports_accepted'] -%}
    coalesce(
        disputes.{{ measure }}, case when month_statuses.completeness = 'final' then 0 end
    )::bigint as {{ measure }},
    {% endfor -%}
    coalesce(month_statuses.completeness, 'provisional') as completeness
from months
left join counted on months.month_end = counted.month_end and months.org_id = counted.org_id
left join certificates on months.month_end = certificates.month_end and months.org_id = certificates.org_id
left join origin_certificates
    on months.month_end = origin_certificates.month_end and months.org_id = origin_certificates.org_id
left join interceptions on months.month_end = interceptions.month_end and months.org_id = interceptions.org_id
left join screenings on months.month_end = screenings.month_end and months.org_id = screenings.org_id
left join penalties on months.month_end = penalties.month_end and months.org_id = penalties.org_id
left join disputes on months.month_end = disputes.month_end and months.org_id = disputes.org_id
left join month_statuses on months.month_end = month_statuses.month_end and months.org_id = month_statuses.org_code
