-- Rules of scope build on what a case, return, notice or record says of others, as the facts of this build show them.
{%- set lineage -%}
    facts.sender_org,
        facts.business_date as row_business_date,
        facts.slice_version_id,
        facts.delivery_id,
        facts.line_no
{%- endset %}
with penalties as (
    select
        facts.case_no,
        facts.org_id,
        facts.decision_no,
        facts.decided_date,
        facts.cases_decided,
        facts.decl_no,
        facts.related_case_no,
        null::int as version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_penalties') }} as facts on affected.key = facts.case_no
    where affected.entity = 'penalty_case' and not facts.is_void
),

disputes as (
    select
        facts.matter_no,
        facts.related_case_no,
        null::int as version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_disputes') }} as facts on affected.key = facts.matter_no
    where affected.entity = 'dispute_case' and not facts.is_void
),

notices as (
    select
        facts.notice_no,
        facts.decl_no,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_notice') }} as facts on affected.key = facts.notice_no
    where affected.entity = 'notice' and not facts.is_void
),

returns as (
    select
        facts.org_code,
        facts.org_id,
        facts.month_end,
        facts.reconsiderations_filed,
        facts.lawsuits_filed,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_legal_return') }} as facts on affected.key = facts.org_code
    where affected.entity = 'legal_return' and not facts.is_void
),

interceptions as (
    select
        facts.interception_no,
        facts.decl_no,
        facts.species_code,
        facts.species_latin,
        facts.is_identification_pending,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_pest_interception') }} as facts on affected.key = facts.interception_no
    where affected.entity = 'interception' and not facts.is_void
),

repeated as (
    select
        interceptions.interception_no,
        min(known.interception_no) as other_no
    from interceptions
    inner join {{ next_state('fct_pest_interception') }} as known
        on interceptions.decl_no = known.decl_no
        and interceptions.species_code = known.species_code
        and interceptions.interception_no <> known.interception_no
    where not known.is_void
    group by interceptions.interception_no
),

conveyances as (
    select
        facts.event_no,
        facts.conveyance_id,
        facts.event_date,
        facts.port,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_conveyance_quarantine') }} as facts on affected.key = facts.event_no
    where affected.entity = 'health_event' and not facts.is_void
),

seen_twice as (
    select
        conveyances.event_no,
        min(known.port) as other_port
    from conveyances
    inner join {{ next_state('fct_conveyance_quarantine') }} as known
        on conveyances.conveyance_id = known.conveyance_id
        and conveyances.event_date = known.event_date
        and conveyances.port <> known.port
    where not known.is_void
    group by conveyances.event_no
),

samples as (
    select
        facts.sample_no,
        facts.decl_no,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_lab_sample') }} as facts on affected.key = facts.sample_no
    where affected.entity = 'sample' and facts.samples = 1
),

standards as (
    select
        facts.event_no,
        facts.std_no,
        facts.org_id,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_standard_event') }} as facts on affected.key = facts.event_no
    where affected.entity = 'standard_event' and facts.std_event = 'COLLECTED' and not facts.is_void
),

collected_twice as (
    select
        standards.event_no,
        min(known.org_id) as other_org
    from standards
    inner join {{ next_state('fct_standard_event') }} as known
        on standards.std_no = known.std_no
        and standards.org_id <> known.org_id
    where known.std_event = 'COLLECTED' and not known.is_void
    group by standards.event_no
),

nonconformities as (
    select
        facts.nc_no,
        facts.audit_no,
        facts.unit_code,
        facts.verified_date,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_audit_nc') }} as facts on affected.key = facts.nc_no
    where affected.entity = 'audit_nc' and not facts.is_void
),

assignments as (
    select
        facts.assignment_no,
        facts.audit_no,
        facts.version_no,
        {{ lineage }}
    from {{ ref('int_affected__links') }} as affected
    inner join {{ next_state('fct_audit_assignment') }} as facts on affected.key = facts.assignment_no
    where affected.entity = 'audit_assignment' and not facts.is_void
),

audited as not materialized (
    select
        audit_no,
        unit_code,
        audit_date
    from {{ next_state('fct_audit_scope') }} as it
    where not is_void
),

known_penalties as not materialized (
    select * from {{ next_state('fct_penalties') }} as it
),

known_lots as not materialized (
    select * from {{ next_state('fct_inspection_lot') }} as it
),

reused as (
    select
        penalties.case_no,
        min(known_penalties.case_no) as other_case_no
    from penalties
    inner join known_penalties
        on penalties.decision_no = known_penalties.decision_no
        and penalties.org_id = known_penalties.org_id
        and penalties.case_no <> known_penalties.case_no
        and extract(year from penalties.decided_date) = extract(year from known_penalties.decided_date)
    where penalties.cases_decided = 1 and known_penalties.cases_decided = 1
    group by penalties.case_no
),

filed as (
    select
        returns.org_code,
        returns.month_end,
        coalesce(sum(known.reconsiderations_filed), 0) as reconsiderations_filed,
        coalesce(sum(known.lawsuits_filed), 0) as lawsuits_filed
    from returns
    left join {{ next_state('fct_disputes') }} as known
        on returns.org_id = known.org_id
        and returns.month_end = {{ month_end('known.filed_date') }}
    group by returns.org_code, returns.month_end
),

int_findings__links as (
    {{ finding_on(
        'penalty_case', 'case_no', 'F10-decision_no-reused',
        'penalties as concerned inner join reused on concerned.case_no = reused.case_no', 'true',
        "'a number of its own within branch and year'", "concerned.decision_no || ' of ' || reused.other_case_no",
    ) }}
    union all
    {{ finding_on(
        'penalty_case', 'case_no', 'F10-related-missing',
        'penalties as concerned left join known_penalties on concerned.related_case_no = known_penalties.case_no',
        'concerned.related_case_no is not null and known_penalties.case_no is null',
        "'events of case ' || concerned.related_case_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'penalty_case', 'case_no', 'F10-decl_no-unknown',
        'penalties as concerned left join known_lots on concerned.decl_no = known_lots.decl_no',
        'concerned.decl_no is not null and known_lots.decl_no is null',
        "'declaration ' || concerned.decl_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'dispute_case', 'matter_no', 'F12-related-missing',
        'disputes as concerned left join known_penalties on concerned.related_case_no = known_penalties.case_no',
        'concerned.related_case_no is not null and known_penalties.case_no is null',
        "'events of case ' || concerned.related_case_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'notice', 'notice_no', 'F18-decl_no-unknown',
        'notices as concerned left join known_lots on concerned.decl_no = known_lots.decl_no',
        'concerned.decl_no is not null and known_lots.decl_no is null',
        "'declaration ' || concerned.decl_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'legal_return', 'org_code', 'N12-count-differs',
        'returns as concerned inner join filed'
        ~ ' on concerned.org_code = filed.org_code and concerned.month_end = filed.month_end',
        '(concerned.reconsiderations_filed, concerned.lawsuits_filed)'
        ~ ' <> (filed.reconsiderations_filed, filed.lawsuits_filed)',
        "concat(filed.reconsiderations_filed, ' reconsiderations, ', filed.lawsuits_filed, ' lawsuits of F12')",
        "concat(concerned.reconsiderations_filed, ' reconsiderations, ', concerned.lawsuits_filed, ' lawsuits stated')",
    ) }}
    union all
    {{ finding_on(
        'interception', 'interception_no', 'F07-decl_no-unknown',
        'interceptions as concerned left join known_lots on concerned.decl_no = known_lots.decl_no',
        'concerned.decl_no is not null and known_lots.decl_no is null',
        "'declaration ' || concerned.decl_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'interception', 'interception_no', 'F07-species-pending', 'interceptions as concerned',
        'concerned.is_identification_pending', "'genus and species'", 'concerned.species_latin',
    ) }}
    union all
    {{ finding_on(
        'interception', 'interception_no', 'F07-sample-repeated',
        'interceptions as concerned inner join repeated on concerned.interception_no = repeated.interception_no',
        'true', "'one interception of a species and lot'",
        "concerned.species_code || ' also under ' || repeated.other_no",
    ) }}
    union all
    {{ finding_on(
        'health_event', 'event_no', 'F06-conveyance-repeated',
        'conveyances as concerned inner join seen_twice on concerned.event_no = seen_twice.event_no', 'true',
        "'one port on ' || concerned.event_date", "concerned.port || ' and ' || seen_twice.other_port",
    ) }}
    union all
    {{ finding_on(
        'sample', 'sample_no', 'F13-decl_no-unknown',
        'samples as concerned left join known_lots on concerned.decl_no = known_lots.decl_no',
        'concerned.decl_no is not null and known_lots.decl_no is null',
        "'declaration ' || concerned.decl_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'standard_event', 'event_no', 'F14-standard_event-std_no-repeated',
        'standards as concerned inner join collected_twice on concerned.event_no = collected_twice.event_no', 'true',
        "'a standard that one branch collects'", "concerned.std_no || ' also of ' || collected_twice.other_org",
    ) }}
    union all
    {{ finding_on(
        'audit_nc', 'nc_no', 'F15-nonconformity-audit-unknown',
        'nonconformities as concerned left join audited'
        ~ ' on concerned.audit_no = audited.audit_no and concerned.unit_code = audited.unit_code',
        'audited.audit_no is null', "concat('audit ', concerned.audit_no, ' of ', concerned.unit_code)", "'none'",
    ) }}
    union all
    {{ finding_on(
        'audit_nc', 'nc_no', 'F15-nonconformity-verified-early',
        'nonconformities as concerned inner join audited'
        ~ ' on concerned.audit_no = audited.audit_no and concerned.unit_code = audited.unit_code',
        'concerned.verified_date < audited.audit_date',
        "'not before ' || audited.audit_date", 'concerned.verified_date',
    ) }}
    union all
    {{ finding_on(
        'audit_assignment', 'assignment_no', 'F15-assignment-audit-unknown', 'assignments as concerned',
        'not exists (select from audited where audited.audit_no = concerned.audit_no)',
        "'audit ' || concerned.audit_no", "'none'",
    ) }}
)

select * from int_findings__links
