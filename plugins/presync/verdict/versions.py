"""One version of Presync throughout: what a run's products say about the code and settings that made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from presync.staging.made_by import MadeBy

_TASKS = {"visma_business": "extract_visma_business", "severa": "extract_severa", "database": "reconcile"}
_EXTRACTS = {"visma_business", "severa"}


def task_of(product: str) -> str:
    """Return the task that makes a published product.

    >>> task_of("results/customers"), task_of("database")
    ('customers', 'reconcile')
    """
    return _TASKS.get(product) or product.rpartition("/")[2]


def other_versions(products: Mapping[str, MadeBy | None], this: MadeBy) -> Iterator[str]:
    """Yield a message if a product was not made by `this` version, which concludes from all of them.

    `products`: by published name, in the order of the run; None: it does not name a version.
    """
    stale = {product: made for product, made in products.items() if made != this}
    if not stale:
        return
    by_version: dict[str, list[str]] = {}
    for product, made in stale.items():
        version = str(made) if made else "a version that it does not name"
        by_version.setdefault(version, []).append(task_of(product))
    said = "; ".join(f"{', '.join(tasks)} by {version}" for version, tasks in by_version.items())
    yield (
        f"this run was made by more than one version of Presync: {said}, and its verdict is concluded by "
        f"{this}. What one version has read and related must not be judged by another, because findings can "
        f"get lost. {_way_out(stale)}"
    )


def _way_out(stale: Mapping[str, MadeBy | None]) -> str:
    if set(stale) >= _EXTRACTS:
        return "Start a new run."
    tasks = [task_of(product) for product in stale]
    if "database" in stale:
        tasks = [task for task in tasks if task.startswith("extract_")] + ["reconcile"]
    named = f"task {tasks[0]}" if len(tasks) == 1 else f"tasks {', '.join(tasks)}"
    return f"Clear the {named} with everything downstream, so that all of it is made by one version."
