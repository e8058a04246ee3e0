{{ config(indexes=[{'columns': ['entity', 'key'], 'unique': true}]) }}

-- Cases, returns, notices and records whose findings against others may change: those that this build opened or closed,
-- and those that name, before or after, a case, a declaration, a decision, a standard or an audit among what it did.
with penalties as (
    select
        case_no,
        decision_no
    from {{ touched('fct_penalties') }} as it
),

disputes as (
    select
        matter_no,
        org_id,
        filed_date
    from {{ touched('fct_disputes') }} as it
),

declarations as (
    select decl_no from {{ touched('fct_inspection_lot') }} as it
),

interceptions as (
    select
        interception_no,
        decl_no,
        species_code
    from {{ touched('fct_pest_interception') }} as it
),

standing_interceptions as not materialized (
    select * from {{ next_state('fct_pest_interception') }} as it
),

conveyances as (
    select
        event_no,
        conveyance_id,
        event_date
    from {{ touched('fct_conveyance_quarantine') }} as it
),

samples as (
    select sample_no from {{ touched('fct_lab_sample') }} as it
),

standards as (
    select
        event_no,
        std_no
    from {{ touched('fct_standard_event') }} as it
    where std_event = 'COLLECTED'
),

scopes as (
    select audit_no from {{ touched('fct_audit_scope') }} as it
),

standing_penalties as not materialized (
    select * from {{ next_state('fct_penalties') }} as it
),

int_affected__links as (
    select
        'penalty_case' as entity,
        case_no as key
    from penalties
    union
    select
        'penalty_case' as entity,
        others.case_no
    from penalties
    inner join standing_penalties as others on penalties.decision_no = others.decision_no
    union
    select
        'penalty_case' as entity,
        others.case_no
    from penalties
    inner join standing_penalties as others on penalties.case_no = others.related_case_no
    union
    select
        'penalty_case' as entity,
        others.case_no
    from declarations
    inner join standing_penalties as others on declarations.decl_no = others.decl_no
    union
    select
        'dispute_case' as entity,
        matter_no
    from disputes
    union
    select
        'dispute_case' as entity,
        others.matter_no
    from penalties
    inner join {{ next_state('fct_disputes') }} as others on penalties.case_no = others.related_case_no
    union
    select
        'notice' as entity,
        notice_no
    from {{ touched('fct_notice') }} as notices
    union
    select
        'notice' as entity,
        others.notice_no
    from declarations
    inner join {{ next_state('fct_notice') }} as others on declarations.decl_no = others.decl_no
    union
    select
        'legal_return' as entity,
        org_code
    from {{ touched('fct_legal_return') }} as returns
    union
    select
        'legal_return' as entity,
        others.org_code
    from disputes
    inner join {{ next_state('fct_legal_return') }} as others
        on disputes.org_id = others.org_id
        and others.month_end = {{ month_end('disputes.filed_date') }}
    union
    select
        'interception' as entity,
        interception_no
    from interceptions
    union
    select
        'interception' as entity,
        others.interception_no
    from interceptions
    inner join standing_interceptions as others
        on interceptions.decl_no = others.decl_no
        and interceptions.species_code = others.species_code
    union
    select
        'interception' as entity,
        others.interception_no
    from declarations
    inner join standing_interceptions as others on declarations.decl_no = others.decl_no
    union
    select
        'health_event' as entity,
        event_no
    from conveyances
    union
    select
        'health_event' as entity,
        others.event_no
    from conveyances
    inner join {{ next_state('fct_conveyance_quarantine') }} as others
        on conveyances.conveyance_id = others.conveyance_id
        and conveyances.event_date = others.event_date
    union
    select
        'sample' as entity,
        sample_no
    from samples
    union
    select
        'sample' as entity,
        others.sample_no
    from declarations
    inner join {{ next_state('fct_lab_sample') }} as others on declarations.decl_no = others.decl_no
    union
    select
        'standard_event' as entity,
        event_no
    from standards
    union
    select
        'standard_event' as entity,
        others.event_no
    from standards
    inner join {{ next_state('fct_standard_event') }} as others
        on standards.std_no = others.std_no
        and others.std_event = 'COLLECTED'
    union
    select
        'audit_nc' as entity,
        nc_no
    from {{ touched('fct_audit_nc') }} as it
    union
    select
        'audit_nc' as entity,
        others.nc_no
    from scopes
    inner join {{ next_state('fct_audit_nc') }} as others on scopes.audit_no = others.audit_no
    union
    select
        'audit_assignment' as entity,
        assignment_no
    from {{ touched('fct_audit_assignment') }} as it
    union
    select
        'audit_assignment' as entity,
        others.assignment_no
    from scopes
    inner join {{ next_state('fct_audit_assignment') }} as others on scopes.audit_no = others.audit_no
    union
    select
        entity,
        key
    from {{ ref('int_affected__monthly_links') }}
    union
    select
        'ent_class' as entity,
        ent_code
    from {{ ref('int_affected__ent_class_links') }}
    union
    select
        'wood_packaging' as entity,
        decl_no
    from {{ ref('int_affected__wood_links') }}
    union
    select
        entity,
        key
    from {{ ref('int_affected__entities') }}
    where entity <> 'dispute_case'
    union
    select
        'dispute_case' as entity,
        matter_no
    from {{ ref('int_affected__matters') }}
)

select * from int_affected__links
