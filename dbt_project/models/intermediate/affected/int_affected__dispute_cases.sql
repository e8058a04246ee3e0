{{ config(indexes=[{'columns': ['case_no'], 'unique': true}]) }}

-- Every number that any row ever tied to an affected case, in either direction: its matter before this build and after
-- it lie within, and whoever was the root without being there, too. Over the rows of all slice versions, in force or
-- not: what a row that is superseded tied together must be taken apart. F11 is small, and few of its rows have a root.
with recursive ties as (
    select distinct
        case_no,
        root_case_no
    from {{ ref('stg_f11_complaint_event__events') }}
    where root_case_no is not null
),

both_ways as (
    select
        case_no as from_no,
        root_case_no as to_no
    from ties
    union
    select
        root_case_no,
        case_no
    from ties
),

int_affected__dispute_cases as (
    select keys.key as case_no
    from {{ source('audit', 'build_key') }} as keys
    where {{ of_this_build('keys') }} and keys.entity = 'dispute_case'
    union
    select both_ways.to_no
    from int_affected__dispute_cases as reached
    inner join both_ways on reached.case_no = both_ways.from_no
)

select * from int_affected__dispute_cases
