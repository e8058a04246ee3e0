select
    it.indicator_id,
    it.document,
    it.year,
    it.edition,
    it.kind,
    it.name_zh,
    it.name_en,
    it.figure_text,
    it.value,
    it.lower_bound,
    it.upper_bound,
    it.source,
    it.title
from {{ ref('fct_published_claim') }} as it
