select
    it.decl_type,
    it.name_zh,
    it.name_en,
    it.ie_flag,
    it.counts_in_goods_total
from {{ ref('dim_decl_type') }} as it
