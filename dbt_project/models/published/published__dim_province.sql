select
    it.province_code,
    it.name_zh,
    it.name_en,
    it.is_landbridge,
    it.landbridge_basis
from {{ ref('dim_province') }} as it
