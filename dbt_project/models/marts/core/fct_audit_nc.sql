{{
    config(
        unique_key=['nc_no'],
        meta={
            'branch_column': 'org_id',
            'affected_by': 'int_affected__records',
            'affected_entity': 'audit_nc',
            'affected_columns': ['nc_no'],
            'indexes': [['audit_no', 'unit_code'], ['business_date', 'sender_org']],
        },
    )
}}
{%- set columns = [
        'nc_no',
        'audit_no',
        'unit_code',
        'unit_level',
        'org_code',
        'iso_clause',
        'grade',
        'description',
        'root_cause',
        'corrective_action',
        'due_date',
        'status',
        'verified_date',
    ] -%}

with records as (
    {{ fact_of_records(
        'audit_nc', 'stg_f15_qms_audit__nonconformities', columns, 'row_business_date', 'nonconformities',
    ) }}
),

fct_audit_nc as (
    select
        records.nc_no,
        records.audit_no,
        records.unit_code,
        records.unit_level,
        records.org_code,
        records.iso_clause,
        records.grade,
        records.description,
        records.root_cause,
        records.corrective_action,
        records.due_date,
        records.status,
        records.verified_date,
        records.org_id,
        records.sender_org,
        records.business_date,
        records.version_no,
        records.is_void,
        records.nonconformities,
        (not records.is_void and records.status = 'VERIFIED')::int as nonconformities_verified,
        records.slice_version_id,
        records.delivery_id,
        records.line_no,
        records.void_slice_version_id,
        records.void_delivery_id,
        records.void_line_no
    from records
)

{{ versioned('fct_audit_nc') }}
