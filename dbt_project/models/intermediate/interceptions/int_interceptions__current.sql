{%- set columns = [
        'org_code',
        'interception_no',
        'decl_no',
        'intercept_date',
        'source',
        'host_hs',
        'origin_country',
        'species_code',
        'species_latin',
        'species_zh',
        'taxon',
        'life_stage',
        'quantity',
        'quarantine_pest_flag',
        'first_in_china_flag',
        'national_significance',
        'lab_no',
        'treatment',
        'certificate_out',
    ] -%}

with int_interceptions__current as (
    {{ current_records('interception', 'stg_f07_pest_interception__interceptions', columns) }}
)

select * from int_interceptions__current
