"""What the summary asks the warehouse, in SQL; values are named, the columns are the fields of `figures`."""

from __future__ import annotations

DAYS = """
select d.business_date, count(*) as deliveries,
    count(*) filter (where v.verdict = 'accepted') as accepted,
    count(*) filter (where v.verdict = 'held') as held,
    count(*) filter (where d.pairing <> 'paired') as unpaired,
    coalesce(sum(v.rows_received), 0)::bigint as rows_received,
    coalesce(sum(v.rows_accepted), 0)::bigint as rows_accepted,
    coalesce(sum(v.rows_quarantined), 0)::bigint as rows_quarantined,
    coalesce(sum(v.rows_held), 0)::bigint as rows_held,
    coalesce((select sum(c.rows_waiting) from published.fct_coverage c
        where c.business_date = d.business_date), 0)::bigint as rows_waiting
from audit.delivery d left join audit.delivery_verdict v using (delivery_id)
where d.business_date between %(first)s and %(last)s
group by d.business_date order by d.business_date
"""
BRIDGE = """
select business_date, sum(lots_received)::bigint as received, sum(lots_held)::bigint as held,
    sum(lots_superseded)::bigint as superseded, sum(lots_quarantined)::bigint as quarantined,
    sum(lots_waiting)::bigint as waiting, sum(lots_void)::bigint as void, sum(lots_outside)::bigint as outside,
    sum(lots_in_progress)::bigint as in_progress, sum(lots_reported)::bigint as reported,
    sum(usd_reported) as usd_reported
from published.bridge_received_to_reported
where business_date between %(first)s and %(last)s
group by business_date order by business_date
"""
OPEN = """
select s.business_date, s.org_code as org, o.name_zh, o.name_en, s.missing_feeds
from published.fct_day_status s join ref.org_period o on o.org_code = s.org_code
    and o.valid_from <= s.business_date and s.business_date < o.valid_to
where s.completeness <> 'final' and s.business_date between %(first)s and %(last)s
order by s.business_date, s.org_code
"""
CORRECTIONS = """
with accepted as (
    select feed_code, org_code, business_date, rows,
        row_number() over (slice order by place) as rank_no, count(*) over slice as versions
    from (select distinct on (delivery_id) * from audit.slice_version order by delivery_id, slice_version_id desc) x
    where business_date between %(first)s and %(last)s
    window slice as (partition by feed_code, org_code, business_date)
)
select a.feed_code as feed, a.business_date, a.org_code as org, o.name_zh, o.name_en,
    min(a.rows) filter (where rank_no = 1) as rows_before, min(a.rows) filter (where rank_no = versions) as rows_after
from accepted a join ref.org_period o on o.org_code = a.org_code
    and o.valid_from <= a.business_date and a.business_date < o.valid_to
where versions > 1
group by a.feed_code, a.business_date, a.org_code, o.name_zh, o.name_en
order by a.business_date, a.org_code, a.feed_code
"""
MISSING = """
select business_date, org_code, array_agg(feed_code order by feed_code)
from published.fct_coverage
where missing = 1 and business_date between %(first)s and %(last)s
group by business_date, org_code
"""
ARRIVED = """
select c.business_date, c.org_code as org, o.name_zh, o.name_en,
    string_agg(c.feed_code, ', ' order by c.feed_code) as feeds,
    %(number)s::int as missing_at, sum(c.rows_accepted)::bigint as rows_accepted
from published.fct_coverage c join ref.org_period o on o.org_code = c.org_code
    and o.valid_from <= c.business_date and c.business_date < o.valid_to
where c.business_date = %(day)s and c.org_code = %(org)s and c.feed_code = any(%(feeds)s) and c.received = 1
group by c.business_date, c.org_code, o.name_zh, o.name_en
"""
HELD = """
select d.feed_code as feed, d.business_date, d.org_code as org, o.name_zh, o.name_en,
    coalesce(d.data_name, d.manifest_name, '?') as file, coalesce(v.rows_held, 0) as rows_held,
    coalesce((select string_agg(r.message_zh, '; ') from ref.rule r where r.rule_id = any(v.hold_rules)),
        array_to_string(v.hold_rules, ', '), d.pairing) as reason_zh,
    coalesce((select string_agg(r.message_en, '; ') from ref.rule r where r.rule_id = any(v.hold_rules)),
        array_to_string(v.hold_rules, ', '), d.pairing) as reason_en
from audit.delivery d
left join audit.delivery_verdict v using (delivery_id)
left join ref.org_period o on o.org_code = d.org_code
    and o.valid_from <= coalesce(d.business_date, d.registered_at::date)
    and coalesce(d.business_date, d.registered_at::date) < o.valid_to
where (v.verdict = 'held' or d.pairing <> 'paired')
    and (d.business_date is null or d.business_date between %(first)s and %(last)s)
order by d.business_date, d.org_code, d.feed_code
"""
QUARANTINED = """
select rule as rule, coalesce(r.message_zh, '') as message_zh, coalesce(r.message_en, '') as message_en,
    count(*) as rows, count(distinct q.org_code) as branches
from quarantine.rejected_row q
cross join lateral unnest(q.rule_ids) as rule
left join ref.rule r on r.rule_id = rule
where q.state = 'open' and q.business_date between %(first)s and %(last)s
group by rule, r.message_zh, r.message_en
order by rows desc, rule
"""
DIRECTIONS = """
select ie_flag as code, case ie_flag when 'I' then '进境' else '出境' end as name_zh,
    case ie_flag when 'I' then 'entry' else 'exit' end as name_en,
    sum(lots)::bigint as lots, sum(lots_nonconforming)::bigint as lots_nonconforming,
    sum(value_usd_header) as value_usd
from published.fct_volume where stat_date between %(first)s and %(last)s
group by ie_flag order by ie_flag
"""
BRANCHES = """
select v.org_id as code, o.name_zh, o.name_en, sum(v.lots)::bigint as lots,
    sum(v.lots_nonconforming)::bigint as lots_nonconforming, sum(v.value_usd_header) as value_usd
from published.fct_volume v join ref.org_period o on o.org_code = v.org_id
    and o.valid_from <= v.stat_date and v.stat_date < o.valid_to
where v.stat_date between %(first)s and %(last)s
group by v.org_id, o.name_zh, o.name_en order by value_usd desc
"""
RECEIVED = """
select 1 from published.fct_coverage
where business_date = %(day)s and org_code = %(org)s and feed_code = %(feed)s and received = 1
"""
BRANCH_DAY = """
select
    (select coalesce(sum(lots), 0)::bigint from published.fct_volume where stat_date = %(day)s and org_id = %(org)s),
    (select coalesce(sum(value_usd_header), 0) from published.fct_volume
        where stat_date = %(day)s and org_id = %(org)s),
    (select coalesce(sum(fine_cny), 0) from published.fct_penalties
        where decided_date = %(day)s and org_id = %(org)s)
"""
CASEWORK = """
with penalties as (
    select
        coalesce(sum(cases_filed) filter (where filed_date between %(first)s and %(last)s), 0)::bigint as filed,
        coalesce(sum(cases_decided) filter (where decided_date between %(first)s and %(last)s), 0)::bigint as decided,
        coalesce(sum(cases_closed) filter (where closed_date between %(first)s and %(last)s), 0)::bigint as closed,
        coalesce(sum(fine_cny) filter (where decided_date between %(first)s and %(last)s), 0) as fine_cny,
        coalesce(sum(confiscation_cny) filter (where decided_date between %(first)s and %(last)s), 0)
            as confiscation_cny,
        coalesce(sum(paid_cny), 0) as paid_cny
    from published.fct_penalties where not is_void
),
disputes as (
    select
        coalesce(sum(complaints_accepted), 0)::bigint as complaints,
        coalesce(sum(reports_accepted), 0)::bigint as reports,
        count(*) filter (where is_closed and complaints_accepted + reports_accepted > 0) as closed,
        coalesce(sum(reconsiderations_filed), 0)::bigint as reconsiderations,
        coalesce(sum(lawsuits_filed), 0)::bigint as lawsuits
    from published.fct_disputes
    where coalesce(accepted_date, filed_date) between %(first)s and %(last)s
),
month_end as (
    select max(month_end) as month_end from published.fct_case_month_end where month_end between %(first)s and %(last)s
),
still_open as (
    select
        coalesce(sum(cases_open) filter (where case_kind = 'PENALTY'), 0)::bigint as penalties,
        count(distinct matter_no) filter (where case_kind <> 'PENALTY') as disputes
    from published.fct_case_month_end where month_end = (select month_end from month_end)
),
coverage as (
    select
        coalesce(sum(due) filter (where feed_code = 'N12'), 0)::bigint as returns_due,
        coalesce(sum(received) filter (where feed_code = 'N12' and due = 1), 0)::bigint as returns_received,
        coalesce(sum(nil), 0)::bigint as nil_files
    from published.fct_coverage where business_date between %(first)s and %(last)s
)
select
    p.filed as penalties_filed, p.decided as penalties_decided, p.closed as penalties_closed,
    p.fine_cny, p.confiscation_cny, p.paid_cny,
    d.complaints as complaints_accepted, d.reports as reports_accepted, d.closed as disputes_closed,
    d.reconsiderations as reconsiderations_filed, d.lawsuits as lawsuits_filed,
    (select count(*) from published.fct_notice
        where not is_void and issue_date between %(first)s and %(last)s) as notices,
    m.month_end, o.penalties as penalties_open, o.disputes as disputes_open,
    c.returns_due, c.returns_received,
    (select count(*) from published.fct_legal_return where not is_void and month_end between %(first)s and %(last)s
        and reconsiderations_filed + lawsuits_filed = 0) as returns_of_zero,
    c.nil_files
from penalties p cross join disputes d cross join month_end m cross join still_open o cross join coverage c
"""
