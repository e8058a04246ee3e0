with int_complaint_events__ranked as (
    {{ ranked_rows('stg_f11_complaint_event__events', 'int_affected__dispute_cases', ['case_no', 'event_seq']) }}
)

select * from int_complaint_events__ranked
