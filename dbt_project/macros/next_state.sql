{#- Rows of a versioned mart as they will be visible once this build is promoted. -#}
{% macro next_state(mart) -%}
    (select * from {{ ref(mart) }} where known_to_no is null)
{%- endmacro %}


{#- Rows that this build opened or closed. -#}
{% macro touched(mart) -%}
    (
        select * from {{ ref(mart) }} where known_from_no = {{ next_no() }}
        union all
        select * from {{ ref(mart) }} where known_to_no = {{ next_no() }}
    )
{%- endmacro %}


{#- Whether this build opened or closed a row of the mart. -#}
{% macro is_touched(relation) -%}
    {%- if not execute -%} {{ return(false) }} {%- endif -%}
    {%- set next = next_no() -%}
    {%- set answer = run_query(
        'select exists (select from ' ~ relation ~ ' where known_from_no = ' ~ next ~ ' or known_to_no = ' ~ next ~ ')'
    ) -%}
    {{ return(answer.columns[0].values()[0]) }}
{%- endmacro %}


{#- Rows of a versioned mart at the publication that the connection reads; the subselect is evaluated once. -#}
{% macro as_of(mart) -%}
    (
        select * from {{ ref(mart) }}
        where
            known_from_no <= (select published.as_of_no())
            and (known_to_no is null or known_to_no > (select published.as_of_no()))
    )
{%- endmacro %}
