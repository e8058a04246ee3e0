{{
    config(
        unique_key=['ent_code', 'assess_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'ent_class',
            'affected_columns': ['ent_code'],
            'indexes': [['ent_code'], ['org_inst_code'], ['approve_date', 'org_id'], ['business_date', 'sender_org']],
        },
    )
}}

with fct_ent_class as (
    select
        ent_code,
        assess_no,
        org_inst_code,
        ent_name,
        {{ unknown('city') }} as city,
        product_group,
        product_risk,
        assess_type,
        class_code,
        own_class_code as prev_class_code,
        group_class_code as prev_group_class_code,
        prev_class_code as stated_prev_class_code,
        apply_date,
        review_date,
        approve_date,
        effective_from,
        effective_to,
        {{ unknown('approver_org') }} as approver_org,
        {{ unknown('supervision_mode') }} as supervision_mode,
        status,
        org_id,
        org_code,
        sender_org,
        business_date,
        version_no,
        is_void,
        assessments,
        (assessments = 1 and status = 'APPROVED')::int as assessments_approved,
        slice_version_id,
        delivery_id,
        line_no,
        void_slice_version_id,
        void_delivery_id,
        void_line_no
    from {{ ref('int_ent_classes__assessed') }}
)

{{ versioned('fct_ent_class') }}
