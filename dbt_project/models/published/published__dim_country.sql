select
    it.country_code,
    it.name_zh,
    it.name_en,
    it.alpha2,
    it.alpha3,
    it.valid_to
from {{ ref('dim_country') }} as it
