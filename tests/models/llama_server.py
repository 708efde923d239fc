"""The wheel's engine as an executable with llama-server's command line: the one real program that the tests have.

It stands in for a build of the user's own. `TESTS_LACK` takes an option from it, as an older build would have none.
"""

import argparse
import os
import sys
import threading
from pathlib import Path
from typing import Any

import xllamacpp  # type: ignore[import-untyped]

NAMES = ("--model", "--host", "--port", "--api-key-file", "--parallel", "--ctx-size", "--cache-ram", "--threads")
OTHERS = ("--batch-size", "--ubatch-size", "--slot-save-path")
FLAGS = ("--kv-unified", "--no-context-shift", "--metrics", "--no-webui")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in (*NAMES, *OTHERS):
        if name != os.environ.get("TESTS_LACK"):
            parser.add_argument(name)
    for name in FLAGS:
        parser.add_argument(name, action="store_true")
    return parser.parse_args()


def parameters(given: argparse.Namespace) -> Any:
    """The same in the wheel's words."""
    chosen = xllamacpp.CommonParams()
    chosen.model.path = given.model
    chosen.hostnames, chosen.port, chosen.ui = [given.host], int(given.port), not given.no_webui
    chosen.api_keys = Path(given.api_key_file).read_text().split()
    chosen.n_parallel, chosen.n_ctx = int(given.parallel), int(given.ctx_size)
    chosen.kv_unified, chosen.ctx_shift = given.kv_unified, not given.no_context_shift
    chosen.cache_ram_mib, chosen.endpoint_metrics = int(given.cache_ram), given.metrics
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = int(given.threads)
    chosen.verbosity = 1
    if given.slot_save_path:
        chosen.slot_save_path = f"{given.slot_save_path}/"
    return chosen


def main() -> None:
    """Serve until killed."""
    server = xllamacpp.Server(parameters(parsed()))
    sys.stdout.write(f"0.00.000.001 I srv  main: listening on {server.listening_address}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
