{{ config(indexes=[{'columns': ['coo_no'], 'unique': true}]) }}

{%- set queued -%}
    (
        select keys.key as coo_no
        from {{ source('audit', 'build_key') }} as keys
        where {{ of_this_build('keys') }} and keys.entity = 'origin_cert'
    ) as queued
{%- endset %}

-- Every certificate of origin that any row ever tied to an affected one, in either direction: what a row that is
-- superseded tied together must be taken apart. Few certificates replace another. As in `rows_of_affected`, few keys
-- probe both indexes and many scan.
with recursive
{%- if few_keys('ods.f05_origin_cert', queued) %}
int_affected__origin_certs as (
    select queued.coo_no from {{ queued }}
    union
    select tied.to_no
    from int_affected__origin_certs as reached
    cross join lateral (
        select delivered.replaces_coo_no as to_no
        from {{ ref('stg_f05_origin_cert__certificates') }} as delivered
        where delivered.coo_no = reached.coo_no and delivered.replaces_coo_no is not null
        union all
        select delivered.coo_no
        from {{ ref('stg_f05_origin_cert__certificates') }} as delivered
        where delivered.replaces_coo_no = reached.coo_no
        offset 0
    ) as tied
)
{%- else %}
ties as (
    select distinct
        coo_no,
        replaces_coo_no
    from {{ ref('stg_f05_origin_cert__certificates') }}
    where replaces_coo_no is not null
),

both_ways as (
    select
        coo_no as from_no,
        replaces_coo_no as to_no
    from ties
    union
    select
        replaces_coo_no,
        coo_no
    from ties
),

int_affected__origin_certs as (
    select queued.coo_no from {{ queued }}
    union
    select both_ways.to_no
    from int_affected__origin_certs as reached
    inner join both_ways on reached.coo_no = both_ways.from_no
)
{%- endif %}

select * from int_affected__origin_certs
