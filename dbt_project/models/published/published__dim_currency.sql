select
    it.currency_code,
    it.name_zh,
    it.name_en,
    it.valid_to
from {{ ref('dim_currency') }} as it
