"""Soda: verify every contract, and print how many rows fail each check."""

import json
from pathlib import Path

from soda_core.contracts import verify_contract_locally

HERE = Path(__file__).parent
counts: dict[str, int] = {}
for contract in sorted((HERE / "contracts").glob("*.yml")):
    session = verify_contract_locally(
        data_source_file_path=str(HERE / "ds_config.yml"), contract_file_path=str(contract)
    )
    if session.has_errors:
        raise SystemExit(f"{contract.name} could not be verified: {session.get_errors_str()}")
    for result in session.contract_verification_results:
        for check in result.check_results:
            counts[check.check.name] = counts.get(check.check.name, 0) + int(check.threshold_value)
print("findings:", json.dumps(counts))
