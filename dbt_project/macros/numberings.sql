{#-
    Numbers that are given one after another, so that one that is not there was never sent, was not accepted, or is
    a case that was taken back whole. Per rule: the entity, the fact that holds the numbers, its column, which of its
    rows, how many characters (organisation, kind, year) stand before the serial, and the keys that a build
    recomputes. The first number of all has none before it: what is missing before it is not found.
-#}
{% macro numberings() -%}
    {%- set complaints = "case_kind in ('COMPLAINT', 'REPORT', 'CONSULTATION')" -%}
    {%- set reviews = "case_kind in ('RECONSIDERATION', 'LITIGATION')" -%}
    {{ return([
        ('F01-decl_no-gap', 'declaration', 'fct_inspection_lot', 'decl_no', 'true', 9, 'int_affected__declarations'),
        ('F05-coo_no-gap', 'origin_cert', 'fct_origin_cert', 'coo_no', 'true', 9, 'int_affected__origin_certs'),
        ('F10-case_no-gap', 'penalty_case', 'fct_case_milestone', 'case_no', "case_kind = 'PENALTY'", 12, 'int_affected__cases'),
        ('F11-case_no-gap', 'dispute_case', 'fct_case_milestone', 'case_no', complaints, 12, 'int_affected__cases'),
        ('F12-case_no-gap', 'dispute_case', 'fct_case_milestone', 'case_no', reviews, 12, 'int_affected__cases'),
    ]) }}
{%- endmacro %}


{#- The next number, 'before' or 'after', that the fact holds under the same characters before the serial; else null. -#}
{% macro neighbour(mart, column, number, prefix, which) -%}
    {%- set found = ('max(' if which == 'before' else 'min(') ~ 'numbers.' ~ column ~ ')' -%}
    select case when left({{ found }}, {{ prefix }}) = left({{ number }}, {{ prefix }}) then {{ found }} end as {{ which }}
    from {{ next_state(mart) }} as numbers
    where numbers.{{ column }} {{ '<' if which == 'before' else '>' }} {{ number }}
{%- endmacro %}
