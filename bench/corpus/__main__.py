"""`python -m bench.corpus DIRECTORY [--size SIZE] [--seed N]`."""

import argparse
from pathlib import Path

from bench.corpus.build import SEED, SIZES, corpus

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description="Make a corpus, the same every time.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    print(corpus(arguments.directory, arguments.size, arguments.seed))
