-- Rules of scope build on certificates: against their lot, the others of it, and what their number was told for before.
with checked as not materialized (
    select * from {{ ref('int_certificates__checked') }}
),

waiting as (
    select standing.*
    from {{ ref('int_certificates__current') }} as standing
    left join {{ next_state('fct_inspection_lot') }} as lots on standing.decl_no = lots.decl_no
    where lots.decl_no is null
),

-- A number is its declaration's and a serial. A certificate that was taken back leaves no gap.
serials as (
    select
        known.cert_no,
        right(known.cert_no, 3)::int as serial,
        coalesce(lag(right(known.cert_no, 3)::int) over (partition by known.decl_no order by known.cert_no), 0) + 1
            as next_serial
    from (select distinct checked.decl_no from checked where not checked.is_lot_void) as lots
    inner join {{ next_state('fct_certificate') }} as known on lots.decl_no = known.decl_no
    where known.cert_no ~ '^[0-9]{18}$' and left(known.cert_no, 15) = known.decl_no
),

reused as (
    select
        *,
        business_date as row_business_date,
        decl_no || ' ' || cert_type as identity,
        lead(decl_no || ' ' || cert_type) over (partition by cert_no order by rank_no) as identity_before
    from {{ ref('int_certificates__ranked') }}
    where not is_delete
),

int_findings__certificates as (
    {{ finding_on(
        'certificate', 'cert_no', 'F04-parent-missing', 'waiting as concerned', 'true',
        "'declaration ' || concerned.decl_no", "'none'",
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-time-order', 'checked as concerned',
        'concerned.is_valid'
        ~ ' and (concerned.issue_time < concerned.accept_time or concerned.used_time < concerned.issue_time)',
        "'acceptance <= issue <= use'",
        "concat_ws(' ', concerned.accept_time, concerned.issue_time, concerned.used_time)",
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-release-early', 'checked as concerned', 'concerned.is_before_evaluation',
        "'not before ' || concerned.eval_time", 'concerned.issue_time',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-release-unevaluated', 'checked as concerned', 'concerned.is_without_evaluation',
        "'an evaluation before the release'", 'concerned.issue_time',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-valid_to-expired', 'checked as concerned', 'concerned.is_used_expired',
        "'used by ' || concerned.valid_to", 'concerned.used_time',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-hs_code-differs', 'checked as concerned', 'concerned.has_other_hs_code',
        "'that of a goods line, such as ' || concerned.first_hs_code", 'concerned.hs_code',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-dest_country-differs', 'checked as concerned', 'concerned.has_other_country',
        'concerned.lot_dest_country', 'concerned.dest_country',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-void-certified', 'checked as concerned', 'concerned.is_on_void_lot',
        "'state 2, or a D: the lot is void'", "'state ' || concerned.status",
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-cert_no-foreign', 'checked as concerned',
        "concerned.is_valid and concerned.cert_no ~ '^[0-9]{18}$' and left(concerned.cert_no, 15) <> concerned.decl_no",
        "concerned.decl_no || ' and a serial'", 'concerned.cert_no',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-cert_no-gap',
        'checked as concerned inner join serials on concerned.cert_no = serials.cert_no',
        'serials.serial > serials.next_serial', "lpad(serials.next_serial::text, 3, '0')",
        'right(concerned.cert_no, 3)',
    ) }}
    union all
    {{ finding_on(
        'certificate', 'cert_no', 'F04-cert_no-reused', 'reused as concerned',
        'concerned.identity <> concerned.identity_before',
        "'declaration and kind ' || concerned.identity_before", 'concerned.identity',
    ) }}
)

select * from int_findings__certificates
