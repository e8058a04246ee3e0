{#- Schemas are named exactly as configured, whoever runs dbt. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}


{#- A published view bears the name of the mart that it shows: model published__fct_volume is published.fct_volume. -#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ custom_alias_name | trim if custom_alias_name else node.name | replace('published__', '') }}
{%- endmacro %}
