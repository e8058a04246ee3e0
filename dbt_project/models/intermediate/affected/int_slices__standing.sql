{{ config(indexes=[{'columns': ['slice_version_id'], 'unique': true}]) }}

with int_slices__standing as (
    select
        published.slice_version_id,
        -- The place of a delivery in the sender's order (decisions 2) as a number: cheap to sort many rows by.
        row_number() over (order by versions.place, versions.slice_version_id) as place_no
    from {{ source('audit', 'slice_publication') }} as published
    inner join {{ source('audit', 'slice_version') }} as versions
        on published.slice_version_id = versions.slice_version_id
    where published.known_to_no is null
)

select * from int_slices__standing
