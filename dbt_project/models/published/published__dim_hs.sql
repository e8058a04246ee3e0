with declared as (
    select * from {{ as_of('dim_hs_declared') }} as it
)

select
    nomenclature.hs_code,
    nomenclature.hs_level,
    nomenclature.hs2,
    left(nomenclature.hs_code, case when nomenclature.hs_level = 0 then 20 else 4 end) as hs4,
    left(nomenclature.hs_code, case when nomenclature.hs_level = 0 then 20 else 6 end) as hs6,
    nomenclature.section,
    nomenclature.name_zh,
    nomenclature.name_en,
    true as is_in_nomenclature
from {{ ref('dim_hs') }} as nomenclature
union all
select
    declared.hs_code,
    10::smallint as hs_level,
    declared.hs2,
    declared.hs4,
    declared.hs6,
    declared.section,
    declared.name_zh,
    declared.name_en,
    declared.is_in_nomenclature
from declared
union all
-- Subheadings that were declared and that the nomenclature lacks, so that fct_volume finds its member.
select distinct
    declared.hs6 as hs_code,
    6::smallint as hs_level,
    declared.hs2,
    declared.hs4,
    declared.hs6,
    declared.section,
    declared.name_zh,
    declared.name_en,
    false as is_in_nomenclature
from declared
where not declared.is_in_nomenclature
