-- The matter of each case: where its chain of root_case_no ends, whether or not that case is there; of a chain that
-- bites its tail, the lowest number in the ring.
with recursive cases as (
    select
        case_no,
        root_case_no
    from {{ ref('int_dispute_cases__folded') }}
),

walks as (
    select
        case_no,
        case_no as at_no,
        array[case_no] as path
    from cases
    union all
    select
        walks.case_no,
        cases.root_case_no,
        walks.path || cases.root_case_no
    from walks
    inner join cases on walks.at_no = cases.case_no
    where cases.root_case_no <> all(walks.path)
),

ends as (
    select distinct on (case_no)
        case_no,
        at_no,
        path
    from walks
    order by case_no, cardinality(path) desc
),

int_dispute_cases__matters as (
    select
        ends.case_no,
        coalesce(
            (
                select min(ring.number collate "C")
                from unnest(ends.path[array_position(ends.path, cases.root_case_no):]) as ring (number)
            ),
            ends.at_no
        ) as matter_no
    from ends
    left join cases
        on ends.at_no = cases.case_no
        and cases.root_case_no = any(ends.path)
)

select * from int_dispute_cases__matters
