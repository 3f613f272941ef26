"""All cases, in the order in which they are tried."""

from importlib import import_module
from importlib.util import find_spec

from tests.faults import network, process
from tests.faults.case import Case

CASES: list[Case] = [*network.CASES, *process.CASES]
if find_spec("tests.faults.disk"):
    CASES += import_module("tests.faults.disk").CASES
