select
    it.list_id,
    it.code,
    it.name_zh,
    it.name_en
from {{ ref('dim_code') }} as it
