"""Deploy the dbt project: staging views, static dimensions, empty marts, published views."""

from __future__ import annotations

from ciq.building.dbt_run import run_dbt
from ciq.building.locks import building
from ciq.building.undo import abandon_running_builds, undo_marts
from ciq.errors import BuildError
from ciq.ledger.rights import seal_rights
from ciq.ledger.sealing import seal, static_dimensions
from ciq.ledger.views import seal_views
from ciq.settings import Settings

COMMAND = ("run",)
"""Every model: outside a build no key is affected, so marts are created or checked for changed columns, not filled."""

PUBLISHED = "published__"
"""How the models of schema published are named; their views are named without it."""


def deploy(settings: Settings) -> None:
    """Bring views, static dimensions and marts to this version of the project; waits for a build under way.

    History and data stay. Raises BuildError naming the model that cannot be deployed.
    """
    with building(settings, application="ciq deploy") as connection:
        abandon_running_builds(connection)
        undo_marts(settings)
        steps = run_dbt(settings, COMMAND)
        with connection.transaction():
            seal(connection, static_dimensions(connection))
        broken = [step for step in steps if not step.is_well]
        if not broken:
            seal_views(connection, {step.name.removeprefix(PUBLISHED) for step in steps if PUBLISHED in step.name})
            seal_rights(connection, {step.name.removeprefix(PUBLISHED) for step in steps})
    if broken:
        first = broken[0]
        raise BuildError(
            f"{first.kind} {first.name} cannot be deployed: {' '.join(first.message.split())}",
            advice="A versioned mart whose columns changed needs a migration (docs/adr).",
        )
