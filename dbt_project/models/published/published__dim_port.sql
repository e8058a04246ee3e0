select
    it.port_code,
    it.name_zh,
    it.name_en,
    it.port_type,
    it.org_id,
    it.province_code,
    it.is_landbridge
from {{ ref('dim_port') }} as it
