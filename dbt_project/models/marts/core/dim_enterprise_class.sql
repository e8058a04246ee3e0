{{
    config(
        unique_key=['ent_code', 'product_group', 'valid_from'],
        meta={
            'readers': 'all',
            'affected_by': 'int_affected__records',
            'affected_entity': 'ent_class',
            'affected_columns': ['ent_code'],
            'indexes': [['ent_code'], ['class_code', 'valid_from']],
        },
    )
}}

with dim_enterprise_class as (
    select
        ent_code,
        product_group,
        valid_from,
        valid_to,
        class_code,
        product_risk,
        {{ unknown('supervision_mode') }} as supervision_mode,
        assess_no,
        org_id
    from {{ ref('int_ent_classes__periods') }}
)

{{ versioned('dim_enterprise_class') }}
