"""The only code that knows Airflow: operators, endpoints from connections, callbacks, links, the plugin."""
