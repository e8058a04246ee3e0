-- If this goes, an inner join of a BI tool with a dimension loses rows of a fact, or counts them twice.
with opened_volume as (
    select * from {{ ref('fct_volume') }}
    where known_from_no = {{ next_no() }}
),

opened_value as (
    select * from {{ ref('fct_value') }}
    where known_from_no = {{ next_no() }}
),

opened_penalties as (
    select * from {{ ref('fct_penalties') }}
    where known_from_no = {{ next_no() }}
),

opened_notices as (
    select * from {{ ref('fct_notice') }}
    where known_from_no = {{ next_no() }}
),

opened_certificates as (
    select * from {{ ref('fct_certificate') }}
    where known_from_no = {{ next_no() }}
),

opened_interceptions as (
    select * from {{ ref('fct_pest_interception') }}
    where known_from_no = {{ next_no() }}
),

opened_wood as (
    select * from {{ ref('fct_wood_packaging') }}
    where known_from_no = {{ next_no() }}
),

opened_conveyances as (
    select * from {{ ref('fct_conveyance_quarantine') }}
    where known_from_no = {{ next_no() }}
),

opened_samples as (
    select * from {{ ref('fct_lab_sample') }}
    where known_from_no = {{ next_no() }}
),

opened_activities as (
    select * from {{ ref('fct_activity') }}
    where known_from_no = {{ next_no() }}
),

opened_media_reports as (
    select * from {{ ref('fct_media_report') }}
    where known_from_no = {{ next_no() }}
),

opened_recognitions as (
    select * from {{ ref('fct_recognition') }}
    where known_from_no = {{ next_no() }}
),

opened_documents as (
    select * from {{ ref('fct_document') }}
    where known_from_no = {{ next_no() }}
),

opened_actions as (
    select * from {{ ref('fct_hr_action') }}
    where known_from_no = {{ next_no() }}
),

-- A day where the dimension has periods.
used (dimension, member, day) as (
    select distinct 'dim_org', office, stat_date from opened_volume
    union
    select distinct 'dim_org', org_id, stat_date from opened_volume
    union
    select distinct 'dim_org', org_id, act_date from opened_activities
    union
    select distinct 'dim_code act_code', act_code, null::date from opened_activities
    union
    select distinct 'dim_code media_outlet', outlet, null::date from opened_media_reports
    union
    select distinct 'dim_code recognition_type', recognition_type, null::date from opened_recognitions
    union
    select distinct 'dim_code doc_code', doc_code, null::date from opened_documents
    union
    select distinct 'dim_code hr_action', hr_action, null::date from opened_actions
    union
    select distinct 'dim_country', partner_country, null::date from opened_volume
    union
    select distinct 'dim_code transport_mode', transport_mode, null::date from opened_volume
    union
    select distinct 'dim_code ie_flag', ie_flag, null::date from opened_volume
    union
    select distinct 'dim_country', country, null::date from opened_value
    union
    select distinct 'dim_currency', currency, null::date from opened_value
    union
    select distinct 'dim_hs', hs_code, null::date from opened_value
    union
    select distinct 'dim_org', org_id, first_event_on from opened_penalties
    union
    select distinct 'dim_code penalty_cause', cause_code, null::date from opened_penalties
    union
    select distinct 'dim_code campaign', campaign_code, null::date from opened_penalties
    union
    select distinct 'dim_code product_group', product_group, null::date from opened_notices
    union
    select distinct 'dim_code cert_type', cert_type, null::date from opened_certificates
    union
    select distinct 'dim_code cert_status', status, null::date from opened_certificates
    union
    select distinct 'dim_code direct_release_mode', direct_release_mode, null::date from opened_certificates
    union
    select distinct 'dim_country', dest_country, null::date from opened_certificates
    union
    select distinct 'dim_org', org_id, issued_on from opened_certificates
    union
    select distinct 'dim_org', org_id, intercept_date from opened_interceptions
    union
    select distinct 'dim_country', origin_country, null::date from opened_interceptions
    union
    select distinct 'dim_code pest_taxon', taxon, null::date from opened_interceptions
    union
    select distinct 'dim_code quarantine_treatment', treatment, null::date from opened_interceptions
    union
    select distinct 'dim_code quarantine_treatment', treatment, null::date from opened_conveyances
    union
    select distinct 'dim_code wood_pack_type', pack_type, null::date from opened_wood
    union
    select distinct 'dim_code quarantine_treatment', disposal, null::date from opened_wood where disposal is not null
    union
    select distinct 'dim_country', ippc_country, null::date from opened_wood where ippc_country is not null
    union
    select distinct 'dim_org', org_id, business_date from opened_wood
    union
    select distinct 'dim_code vector', vector_code, null::date from opened_conveyances
    union
    select distinct 'dim_country', from_country, null::date from opened_conveyances
    union
    select distinct 'dim_org', org_id, event_date from opened_conveyances
    union
    select distinct 'dim_code lab_programme', programme, null::date from opened_samples
    union
    select distinct 'dim_org', org_id, received_on from opened_samples
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
