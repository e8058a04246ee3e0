select
    it.lab_code,
    it.name_zh,
    it.name_en,
    it.org_id,
    it.name_basis
from {{ ref('dim_lab') }} as it
