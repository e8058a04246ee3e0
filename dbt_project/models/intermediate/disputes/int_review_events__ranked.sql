with int_review_events__ranked as (
    {{ ranked_rows('stg_f12_legal_review__events', 'int_affected__dispute_cases', ['case_no', 'event_seq']) }}
)

select * from int_review_events__ranked
