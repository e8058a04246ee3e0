# The image of every service of docker-compose.yml that is ours. It is installed as `make demo` installs: by
# scripts/venv.sh from hash-locked lists; the second list adds Celery and FAB.
FROM python:3.12.12-slim-bookworm AS packages
WORKDIR /opt/ciq
COPY scripts/venv.sh scripts/
COPY requirements.lock requirements-production.lock pyproject.toml README.md ./
RUN scripts/venv.sh requirements.lock requirements-production.lock

FROM python:3.12.12-slim-bookworm
RUN useradd --uid 10001 --create-home ciq \
    && install -d -o ciq -g ciq -m 0700 /var/lib/ciq /var/lib/exchange
WORKDIR /opt/ciq
COPY --from=packages /opt/ciq/.venv .venv
COPY . .
ENV PATH=/opt/ciq/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8 \
    AIRFLOW_HOME=/home/ciq/airflow \
    CIQ_HOME=/var/lib/ciq
USER ciq
VOLUME ["/var/lib/ciq", "/var/lib/exchange"]
CMD ["ciq", "--help"]
