{{
    config(
        unique_key=['ent_code', 'month_end'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'wood_integrity',
            'affected_columns': ['ent_code'],
            'indexes': [['ent_code'], ['month_end', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_wood_integrity as (
    {{ fact_of_records(
        'wood_integrity',
        'stg_n08_wood_integrity__snapshots',
        ['ent_code', 'month_end', 'pilot_flag', 'benefit_flag', 'integrity_level', 'pass_rate', 'org_code'],
        'month_end',
        'enterprises',
    ) }}
)

{{ versioned('fct_wood_integrity') }}
