-- If this goes, an inner join of a BI tool with a dimension loses rows of a fact.
with opened_volume as (
    select distinct office, org_id, partner_country, transport_mode, ie_flag from {{ ref('fct_volume') }}
    where known_from_no = {{ next_no() }}
),

opened_value as (
    select distinct office, org_id, country, currency, hs_code from {{ ref('fct_value') }}
    where known_from_no = {{ next_no() }}
),

used as (
    select distinct 'dim_org' as dimension, office as member from opened_volume
    union
    select 'dim_org', org_id from opened_volume
    union
    select 'dim_country', partner_country from opened_volume
    union
    select 'dim_code', transport_mode from opened_volume
    union
    select 'dim_code', ie_flag from opened_volume
    union
    select 'dim_country', country from opened_value
    union
    select 'dim_currency', currency from opened_value
    union
    select 'dim_hs', hs_code from opened_value
),

members as (
    select 'dim_org' as dimension, org_code as member from {{ ref('dim_org') }}
    union all
    select 'dim_country', country_code from {{ ref('dim_country') }}
    union all
    select 'dim_currency', currency_code from {{ ref('dim_currency') }}
    union all
    select 'dim_code', code from {{ ref('dim_code') }}
    union all
    select 'dim_hs', hs_code from {{ ref('dim_hs') }}
    union all
    select 'dim_hs', hs_code from {{ next_state('dim_hs_declared') }} as declared
)

select used.*
from used
left join members on used.dimension = members.dimension and used.member = members.member
where members.member is null
