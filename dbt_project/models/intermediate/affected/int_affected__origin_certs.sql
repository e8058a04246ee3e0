{{ config(indexes=[{'columns': ['coo_no'], 'unique': true}]) }}

-- Every certificate of origin that any row ever tied to an affected one, in either direction: what a row that is
-- superseded tied together must be taken apart. Few certificates replace another.
with recursive ties as (
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
    select keys.key as coo_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'origin_cert'
    union
    select both_ways.to_no
    from int_affected__origin_certs as reached
    inner join both_ways on reached.coo_no = both_ways.from_no
)

select * from int_affected__origin_certs
