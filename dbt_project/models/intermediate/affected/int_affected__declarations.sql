{{ config(indexes=[{'columns': ['decl_no'], 'unique': true}]) }}

-- A certificate releases its lot: of one that changed, the lots that any of its rows names, in force or not.
with certificates as (
    select *
    from
        {{ rows_of_queued(
            'stg_f04_release_cert__certificates', 'ods.f04_release_cert', 'certificate', 'cert_no'
        ) }} as queued_rows
),

int_affected__declarations as (
    select keys.key as decl_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'declaration'
    union
    select decl_no
    from certificates
    where decl_no is not null
)

select * from int_affected__declarations
