{{ config(indexes=[{'columns': ['document', 'indicator_id'], 'unique': true}]) }}

select
    document,
    indicator_id,
    year,
    edition,
    kind,
    name_zh,
    name_en,
    figure_text,
    value,
    lower_bound,
    upper_bound,
    source,
    title
from {{ source('ref', 'published_claim') }}
