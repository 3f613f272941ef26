"""`python -m tests.faults [--subset] [NAME…]`: the matrix, a line a case, and last the totals.

Ends with 1 if a case failed.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.faults.case import Result, examine_all
from tests.faults.matrix import CASES


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--subset", action="store_true", help="those that the test suite runs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("names", nargs="*", help="only the cases whose names hold one of these")
    options = parser.parse_args()
    cases = [case for case in CASES if case.quick or not options.subset]
    cases = [case for case in cases if not options.names or any(name in case.name for name in options.names)]
    began, results = time.monotonic(), []
    for result in examine_all(cases, options.workers):
        print(result.line(), flush=True)
        results.append(result)
    print(f"{len(results)} cases in {time.monotonic() - began:.0f} s, {sum(not r.well for r in results)} failed")
    print(totals(results))
    return 0 if all(result.well for result in results) else 1


def totals(results: Sequence[Result]) -> str:
    """The five lines that sum it up."""
    tried = [result for result in results if not result.skipped]
    return "\n".join(
        (
            f"papers lost: {sum(result.lost for result in tried)}",
            f"digests corrupted: {sum(result.corrupted for result in tried)}",
            f"calls paid twice: {sum(result.paid_twice for result in tried)}",
            f"in doubt: {sum(result.in_doubt for result in tried)}",
            f"nights that recovered by themselves: {sum(result.by_itself for result in tried)} of {len(tried)}",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
