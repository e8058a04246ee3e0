-- Rules of scope build on what came of one certificate, event, return or notice over time: its versions, and voids of
-- nothing.
{%- set feeds = [
    ('F04', 'certificate', 'cert_no', '0', 'int_certificates__ranked'),
    ('F05', 'origin_cert', 'coo_no', '0', 'int_origin_certs__ranked'),
    ('F10', 'penalty_case', 'case_no', 'event_seq', 'int_penalty_events__ranked'),
    ('F11', 'dispute_case', 'case_no', 'event_seq', 'int_complaint_events__ranked'),
    ('F12', 'dispute_case', 'case_no', 'event_seq', 'int_review_events__ranked'),
    ('F18', 'notice', 'notice_no', '0', 'int_notices__ranked'),
    ('H01', 'tariff_year', 'tariff_year', '0', 'int_hs_tables__ranked'),
    ('N01', 'monthly_summary', 'org_code', '0', 'int_monthly_summaries__ranked'),
    ('N12', 'legal_return', 'org_code', '0', 'int_legal_returns__ranked'),
] %}
with int_findings__records as (
    {% for feed, entity, key, item_no, ranked in feeds -%}
    {%- set rows = '(select *, business_date as row_business_date from ' ~ ref(ranked) ~ ') as concerned' -%}
    {{ finding_on(
        entity, key, feed ~ '-version-gap', rows, 'concerned.version_step > 1',
        'concerned.version_no - concerned.version_step + 1', 'concerned.version_no', item_no,
    ) }}
    union all
    {{ finding_on(
        entity, key, feed ~ '-version-duplicate', rows, 'concerned.is_repeated_version',
        "'one row of a version'", "'several of version ' || concerned.version_no", item_no,
    ) }}
    union all
    {{ finding_on(
        entity, key, feed ~ '-void-unknown', rows, 'concerned.rank_no = 1 and not concerned.has_content',
        "'a record to void'", "'none'", item_no,
    ) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from int_findings__records
