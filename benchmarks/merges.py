"""The rules about pairs as pandas merges, entity by entity: what one would write without a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.company import Company
from benchmarks.measuring import Observer
from presync.tenants.entities import ENTITIES

if TYPE_CHECKING:
    import pandas as pd

_LEGAL_FORMS: Final = (
    r"(?: (?:oy|oyj|ab|abp|ay|ky|tmi|osk|ry|rf|hb|kb|publ|as|asa|ans|da|enk|nuf|sa|aps|ivs|ltd|limited|inc"
    r"|llc|plc|gmbh|bv|nv|ou|a s|k s|p s|i s))+$"
)
_OTHER_REGISTERS: Final = ("worktypes", "travelexpensetypes")


def judge(observer: Observer, folder: str) -> dict[str, int]:
    """Return findings per `suite/rule`, the same as `handwritten.judge` for the rules that are here."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401
    from rapidfuzz import fuzz  # noqa: F401

    pd.DataFrame({"name": ["a"]})["name"].str.lower()
    observer.ready()
    counts: Counter[str] = Counter()
    for entity in ENTITIES:
        business, severa = _records(Company(Path(folder)), entity)
        for rule, found in _judged(entity, business, severa):
            counts[f"{entity}/{rule}"] += int(found)
    return {rule: found for rule, found in counts.items() if found}


def _records(company: Company, entity: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    def read(system: Any, table: str) -> pd.DataFrame:
        return pd.read_parquet(company.extracts[system] / f"{table}.parquet", dtype_backend="pyarrow")

    if entity == "customers":
        actors = read("visma_business", "associates")
        actors = actors[(actors.customer_no != "0") & (actors.delivery_to == 0)]
        business = actors.assign(code=actors.customer_no, raw_id=actors.business_no)
        business["excluded"] = business.customer_group_value == 1
        severa = read("severa", "customers").rename(columns={"number": "code", "vat_number": "raw_id"})
    elif entity == "employees":
        actors = read("visma_business", "associates")
        actors = actors[actors.employee_no != "0"]
        business = actors.assign(code=actors.employee_no, excluded=actors.employee_group_value == 1)
        severa = read("severa", "users")
        severa["name"] = severa.first_name + " " + severa.last_name
    elif entity == "projects":
        business = read("visma_business", "projects").assign(excluded=False)
        cases, projects = read("severa", "salescases"), read("severa", "projects")
        severa = pd.concat([projects, cases[~cases.guid.isin(projects.guid)]])
        severa = severa.rename(columns={"number": "code", "customer_number": "customer"})
        severa["customer"] = severa.customer.astype("string[pyarrow]")
        severa["is_active"] = ~severa.is_closed
    elif entity == "products":
        business = read("visma_business", "products")
        business["excluded"] = business.group_value == 1
        registers = ("products", *_OTHER_REGISTERS)
        severa = pd.concat([read("severa", name).assign(register=name) for name in registers])
    else:
        business = read("visma_business", "departments").assign(excluded=False)
        severa = read("severa", "businessunits")
    return _keyed(entity, business), _keyed(entity, severa)


def _keyed(entity: str, records: pd.DataFrame) -> pd.DataFrame:
    frame = records.reset_index(drop=True)
    frame["row"] = frame.index
    frame["code"] = frame.code.astype("string[pyarrow]")
    key = frame.code.str.strip().str.lower()
    frame["code_key"] = key.where(~key.isin(["", "0"]))
    key = (
        frame.name.str.normalize("NFKC")
        .str.lower()
        .str.replace(r"[^\p{L}\p{M}\p{Nd}]+", " ", regex=True)
        .str.strip()
    )
    if entity == "customers":
        key = key.str.replace(_LEGAL_FORMS, "", regex=True).str.replace(
            r"^(?:(?:oy|ab|as|a s) )+", "", regex=True
        )
        letters = frame.raw_id.str.replace(r"[^A-Za-z0-9]", "", regex=True).str.upper()
        body = letters.str.replace(r"^[A-Z]{2}", "", regex=True).str.replace(r"MVA$", "", regex=True)
        frame["body"] = body.where(body.notna() & (body != ""))
    frame["name_key"] = key.where(key != "")
    if "email" in frame:
        frame["email_key"] = frame.email.str.strip().str.lower()
    for column in ("body", "email_key", "customer", "register"):
        if column not in frame:
            frame[column] = None
    columns = ["row", "code_key", "name_key", "body", "email_key", "customer", "register"]
    return frame[[*columns, "excluded" if "excluded" in frame else "is_active"]]


def _related(entity: str, business: pd.DataFrame, severa: pd.DataFrame) -> pd.DataFrame:
    """Return every pair with an equal key, once, with both records' columns."""
    import pandas as pd

    ways = [["code_key"], ["name_key", "customer"] if entity == "projects" else ["name_key"]]
    ways += {"customers": [["body"]], "employees": [["email_key"]]}.get(entity, [])
    found = [_merged(business, severa, keys) for keys in ways]
    if entity == "projects":
        found.append(_merged(business, severa[severa.customer.isna()], ["name_key"]))
    pairs = pd.concat(found).drop_duplicates()
    pairs = pairs.merge(business.add_suffix("_b"), left_on="row_b", right_on="row_b")
    return pairs.merge(severa.add_suffix("_s"), left_on="row_s", right_on="row_s")


def _merged(business: pd.DataFrame, severa: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    left = business.dropna(subset=keys)[["row", *keys]]
    right = severa.dropna(subset=keys)[["row", *keys]]
    return left.merge(right, on=keys, suffixes=("_b", "_s"))[["row_b", "row_s"]]


def _judged(entity: str, business: pd.DataFrame, severa: pd.DataFrame) -> Iterator[tuple[str, Any]]:
    pairs = _related(entity, business, severa)
    codes, names = _equal(pairs, "code_key"), _equal(pairs, "name_key")
    ids = _equal(pairs, "body")
    shared = _shared(business, pairs.row_b) | _shared(severa, pairs.row_s)
    identified = _equal(pairs, "email_key") | ids & ~shared
    contradict = _differ(pairs, "customer") | _differ(pairs, "body")
    same = ~contradict & (names | identified)
    alike = ~same & ~contradict & codes & _alike(pairs, codes & ~same)
    active, moves = pairs.is_active_s.astype(bool), ~pairs.excluded_b.astype(bool)
    linked = pairs[codes & (same | alike)]
    linked_b, linked_s = pairs.row_b.isin(linked.row_b), pairs.row_s.isin(linked.row_s)
    other = pairs.register_s.isin(_OTHER_REGISTERS)
    loose = moves & active & same & ~codes & ~linked_b & ~linked_s
    choices = pairs[loose]
    many = choices.row_b.duplicated(keep=False) | choices.row_s.duplicated(keep=False)
    has_code = choices.code_key_s.notna()
    live_same = pairs[moves & active & same]
    settled = pairs.row_b.isin(live_same.row_b) | pairs.row_s.isin(live_same.row_s)
    by_shared_id = moves & active & ids & ~same & ~codes & ~linked_b & ~linked_s & ~settled
    yield "ambiguous_match", many.sum() + by_shared_id.sum()
    yield "code_mismatch", (~many & has_code).sum()
    yield "code_missing", (~many & ~has_code).sum()
    yield "code_conflict", (codes & ~same & ~alike & ~other).sum()
    yield "code_shared", (codes & ~same & ~alike & other).sum()
    yield "name_differs", (codes & (same | alike) & ~names).sum()
    if entity == "customers":
        unlinked = ~(linked_b & linked_s)
        yield "same_name_other_id", (moves & active & names & contradict & ~codes & unlinked).sum()
    copies = moves & active & (same | ids) & ~codes & (linked_b != linked_s)
    yield "duplicate_entity", (copies & ~other).sum()
    yield "inactive_twin", (moves & ~active & same & ~codes & ~linked_b).sum()
    yield "excluded_but_in_severa", (~moves & active & same).sum()
    absent = severa.is_active.astype(bool) & severa.code_key.isna() & ~severa.row.isin(pairs[same].row_s)
    yield "code_absent", (absent & ~severa.register.isin(_OTHER_REGISTERS)).sum()
    for records in (business, severa[~severa.register.isin(_OTHER_REGISTERS)]):
        yield "code_duplicate", records.code_key.dropna().duplicated(keep=False).sum()


def _equal(pairs: pd.DataFrame, key: str) -> pd.Series[bool]:
    return (pairs[f"{key}_b"] == pairs[f"{key}_s"]).fillna(False).astype(bool)


def _shared(records: pd.DataFrame, rows: pd.Series[int]) -> pd.Series[bool]:
    """Say of each row whether another record of its system has its id."""
    owners = records[records.body.notna()]
    return rows.isin(owners[owners.body.duplicated(keep=False)].row)


def _differ(pairs: pd.DataFrame, key: str) -> pd.Series[bool]:
    left, right = pairs[f"{key}_b"], pairs[f"{key}_s"]
    return left.notna() & right.notna() & (left != right).fillna(False).astype(bool)


def _alike(pairs: pd.DataFrame, which: pd.Series[bool]) -> pd.Series[bool]:
    import numpy as np
    from rapidfuzz import fuzz

    def alike(left: str, right: str) -> bool:
        words = set(left.split()), set(right.split())
        return words[0] <= words[1] or words[1] <= words[0] or fuzz.token_sort_ratio(left, right) >= 90

    rows = pairs[which]
    found = [alike(*names) for names in zip(rows.name_key_b, rows.name_key_s, strict=True)]
    return which & which.index.isin(rows.index[np.asarray(found, bool)])
