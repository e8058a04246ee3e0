"""Server settings of the embedded PostgreSQL: a warehouse on a small machine."""

from __future__ import annotations

import os
from pathlib import Path

_MB = 1024 * 1024


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container we run in, may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return total


def initdb_options(version: int) -> tuple[str, ...]:
    """How a server's data folder is made, here and in production: the same order of texts everywhere, no surprises."""
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if version >= 17 else ()
    return ("--encoding=UTF8", "--locale=C", *locale, "--data-checksums")


def server_settings(*, socket_dir: Path, throwaway: bool) -> dict[str, str]:
    """`postgresql.conf` settings, name to value.

    `throwaway` servers, for tests, are smaller, and a power cut may lose their data (`kill -9` does not).
    """
    memory = machine_memory() // _MB
    cores = os.cpu_count() or 1
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0777",  # who may connect is decided by password, on the socket too
        "max_connections": "150",
        "reserved_connections": "20",  # of these: for loads, builds and Airflow, however many readers are there
        "shared_buffers": f"{max(64, min(1024, memory // 8))}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": f"{max(8, min(64, memory // 256))}MB",
        "hash_mem_multiplier": "2.0",
        "maintenance_work_mem": f"{max(32, min(512, memory // 32))}MB",
        "max_wal_size": "1GB" if throwaway else "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "max_parallel_workers": str(max(2, cores)),
        "max_parallel_workers_per_gather": str(min(2, cores)),
        "jit": "off",  # compiling costs more than it saves in queries of a day's slice
        "max_locks_per_transaction": "512",  # one lock per month partition and index
        "client_connection_check_interval": "2s",  # a killed client's statement and locks go with it
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "datestyle": "ISO, YMD",
        "password_encryption": "scram-sha-256",
        "log_line_prefix": "%m [%p] %q%u@%d %a ",
        "log_checkpoints": "off",
        "log_autovacuum_min_duration": "-1",
        "log_error_verbosity": "terse",  # the context of a failed COPY quotes the record, persons in it too
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }
    if not _roomy_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"  # containers give /dev/shm 64 MB, too little for parallel joins
    if throwaway:
        settings |= {"shared_buffers": "128MB", "maintenance_work_mem": "64MB"}
        settings |= {"fsync": "off", "full_page_writes": "off"}
    return settings


def _roomy_shared_memory() -> bool:
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return False
    return os.access("/dev/shm", os.W_OK) and room.f_bavail * room.f_frsize >= 512 * _MB


def render(settings: dict[str, str]) -> str:
    """The text of a configuration file."""
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())
