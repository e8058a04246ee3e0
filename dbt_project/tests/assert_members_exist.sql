-- If this goes, an inner join of a BI tool with a dimension loses rows of a fact, or counts them twice.
{#- Mart -> (dimension, or list of dim_code; column; the day on which it is looked up where the dimension has periods). -#}
{%- set used = {
    'fct_activity': [
        ('dim_org', 'org_id', 'act_date'),
        ('act_code', 'act_code', none),
    ],
    'fct_audit_nc': [
        ('nonconformity_status', 'status', none),
    ],
    'fct_audit_scope': [
        ('dim_org', 'org_id', 'audit_date'),
        ('audit_type', 'audit_type', none),
    ],
    'fct_certificate': [
        ('cert_type', 'cert_type', none),
        ('cert_status', 'status', none),
        ('direct_release_mode', 'direct_release_mode', none),
        ('dim_country', 'dest_country', none),
        ('dim_org', 'org_id', 'issued_on'),
    ],
    'fct_conveyance_quarantine': [
        ('quarantine_treatment', 'treatment', none),
        ('vector', 'vector_code', none),
        ('dim_country', 'from_country', none),
        ('dim_org', 'org_id', 'event_date'),
    ],
    'fct_document': [
        ('doc_code', 'doc_code', none),
    ],
    'fct_ent_class': [
        ('dim_org', 'org_id', 'approve_date'),
        ('ent_class', 'class_code', none),
        ('assess_type', 'assess_type', none),
        ('export_group', 'product_group', none),
        ('ent_supervision', 'supervision_mode', none),
    ],
    'fct_ent_honor': [
        ('ent_honor', 'honor_code', none),
    ],
    'fct_external_inspection': [
        ('dim_org', 'org_id', 'inspection_date'),
        ('inspection_topic', 'topic', none),
    ],
    'fct_hr_action': [
        ('hr_action', 'hr_action', none),
    ],
    'fct_lab_issue': [
        ('dim_org', 'org_id', 'found_date'),
        ('lab_issue_category', 'category', none),
    ],
    'fct_lab_recognition': [
        ('dim_org', 'org_id', 'recognition_date'),
        ('recognition_code', 'recognition_code', none),
    ],
    'fct_lab_sample': [
        ('lab_programme', 'programme', none),
        ('dim_org', 'org_id', 'received_on'),
    ],
    'fct_media_report': [
        ('media_outlet', 'outlet', none),
    ],
    'fct_notice': [
        ('product_group', 'product_group', none),
    ],
    'fct_penalties': [
        ('dim_org', 'org_id', 'first_event_on'),
        ('penalty_cause', 'cause_code', none),
        ('campaign', 'campaign_code', none),
    ],
    'fct_pest_interception': [
        ('dim_org', 'org_id', 'intercept_date'),
        ('dim_country', 'origin_country', none),
        ('pest_taxon', 'taxon', none),
        ('quarantine_treatment', 'treatment', none),
    ],
    'fct_recognition': [
        ('recognition_type', 'recognition_type', none),
    ],
    'fct_research_project': [
        ('dim_org', 'org_id', 'approve_date'),
        ('research_level', 'level', none),
    ],
    'fct_standard_event': [
        ('std_event', 'std_event', none),
    ],
    'fct_value': [
        ('dim_country', 'country', none),
        ('dim_currency', 'currency', none),
        ('dim_hs', 'hs_code', none),
    ],
    'fct_volume': [
        ('dim_org', 'office', 'stat_date'),
        ('dim_org', 'org_id', 'stat_date'),
        ('dim_country', 'partner_country', none),
        ('transport_mode', 'transport_mode', none),
        ('ie_flag', 'ie_flag', none),
    ],
    'fct_wood_packaging': [
        ('wood_pack_type', 'pack_type', none),
        ('quarantine_treatment', 'disposal', none),
        ('dim_country', 'ippc_country', none),
        ('dim_org', 'org_id', 'business_date'),
    ],
} -%}
{%- set may_lack = ['approve_date', 'class_code', 'disposal', 'ippc_country'] -%}
{%- set dimensions = ['dim_org', 'dim_country', 'dim_currency', 'dim_hs'] %}
with used (dimension, member, day) as (
    {% for mart, columns in used.items() -%}
    {%- for dimension, column, day in columns -%}
    select distinct
        '{{ dimension if dimension in dimensions else 'dim_code ' ~ dimension }}',
        {{ column }},
        {{ day or 'null' }}::date
    from {{ ref(mart) }}
    where
        known_from_no = {{ next_no() }}
        {%- for name in [column, day] if name in may_lack %}
        and {{ name }} is not null
        {%- endfor %}
    {{ 'union' if not loop.last }}
    {% endfor -%}
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

members (dimension, member, valid_from, valid_to) as (
    select 'dim_org', org_code, valid_from, valid_to from {{ ref('dim_org') }}
    union all
    select 'dim_country', country_code, null, null from {{ ref('dim_country') }}
    union all
    select 'dim_currency', currency_code, null, null from {{ ref('dim_currency') }}
    union all
    select 'dim_code ' || list_id, code, null, null from {{ ref('dim_code') }}
    union all
    select 'dim_hs', hs_code, null, null from {{ ref('dim_hs') }}
    union all
    select 'dim_hs', hs_code, null, null from {{ next_state('dim_hs_declared') }} as declared
)

select
    used.dimension,
    used.member,
    used.day,
    count(members.member) as members
from used
left join members
    on used.dimension = members.dimension
    and used.member = members.member
    and (used.day is null or (used.day >= members.valid_from and used.day < members.valid_to))
group by used.dimension, used.member, used.day
having count(members.member) <> 1
