"""`python -m demo.companies DIR` writes the sample companies into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from demo.companies import COMPANIES, build

parser = argparse.ArgumentParser(prog="python -m demo.companies", description=__doc__)
parser.add_argument("folder", type=Path, help="where to write; existing companies are replaced")
folder: Path = parser.parse_args().folder
build(folder)
print(f"{', '.join(COMPANIES)} are in {folder}")
