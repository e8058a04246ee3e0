{{ config(indexes=[{'columns': ['cert_no'], 'unique': true}]) }}

-- A certificate waits for its lot and is void with it: those that were queued, and those that a row of which names an
-- affected lot.
with certificates as (
    select *
    from
        {{ rows_of_affected('stg_f04_release_cert__certificates', 'ods.f04_release_cert') }} as rows_of_lots
),

int_affected__certificates as (
    select keys.key as cert_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'certificate'
    union
    select cert_no
    from certificates
)

select * from int_affected__certificates
