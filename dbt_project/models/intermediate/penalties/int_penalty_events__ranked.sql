with int_penalty_events__ranked as (
    {{ ranked_rows('stg_f10_penalty_event__events', 'int_affected__penalty_cases', ['case_no', 'event_seq']) }}
)

select * from int_penalty_events__ranked
