"""Measures the engines on one feed, one core each, and prints one table.

Each engine is a process of its own, pinned to one core, from opening the JSONL to the last score written. It is run on a
feed of one posting as well: what that takes (start-up, imports, the model) is taken off, which favours the slow starters.
Seconds are processor seconds, user and system, of the best run: on an idle machine they equal the wall clock, on a busy
one they still mean something. Every engine must give a score for every posting, or nothing is printed.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time


def run(command, core):
    """Processor and wall seconds of a command on one core."""
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")}
    started = time.monotonic()
    child = subprocess.Popen(["taskset", "-c", str(core), *command], env={**os.environ, **threads})
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - started
    if status != 0:
        sys.exit(f"{' '.join(command)}: exit status {status}")
    return usage.ru_utime + usage.ru_stime, wall


def lines_of(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=200, help="size of the feed")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, of which the best counts")
    parser.add_argument("--core", type=int, default=0, help="the core to run on")
    parser.add_argument("--seed", type=int, default=1, help="seed of the feed")
    parser.add_argument("--engines", help="some of the engines, by the names of the table's last column")
    parser.add_argument("--lurescan", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--root", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    here, work = pathlib.Path(__file__).parent, options.work
    postings, one = work / "postings.jsonl", work / "one.jsonl"
    marked = options.root / "datasets/lures/marked"
    importing = [options.lurescan, "dataset", "import", str(marked), "--split", "train", "-o", str(postings)]
    subprocess.run(importing, check=True, stderr=subprocess.DEVNULL)
    feed = work / f"feed-{options.megabytes:g}-{options.seed}.jsonl"
    if not feed.exists():
        making = [sys.executable, here / "make_feed.py", postings, f"{feed}.partial", str(options.megabytes)]
        subprocess.run([*making, str(options.seed)], check=True)
        os.rename(f"{feed}.partial", feed)
    with open(feed, "rb") as file:
        one.write_bytes(file.readline())
    size, records = feed.stat().st_size, lines_of(feed)

    python = [sys.executable, str(here / "engines.py")]
    crate = [str(work / "tokenizers/release/tokenizers-engine"), str(options.root / "models/default/tokenizer.json")]
    verdicts = [options.lurescan, "score", "--quiet", "--threads", "1"]
    engines = {
        "verdicts": ("lurescan, full verdicts", lambda f, o: [*verdicts, "--format", "jsonl", "--output", o, f]),
        "probabilities": (
            "lurescan, id and probability",
            lambda f, o: [*verdicts, "--format", "jsonl", "--fields", "id,probability", "--output", o, f],
        ),
        "fasttext": ("fastText, 1-2-grams", None),
        "vowpal-wabbit": ("Vowpal Wabbit, 1-2-grams", None),
        "tfidf": ("scikit-learn, tf-idf 1-3-grams", None),
        "hashing": ("scikit-learn, hashing 1-2-grams", None),
        "tokenizers": ("tokenizers crate, lurescan's tokenizer.json and a sum", lambda f, o: [*crate, f, o]),
    }
    names = options.engines.split(",") if options.engines else list(engines)
    rates = {}
    for name in names:
        title, command = engines[name]
        if command is None:
            model = str(work / f"{name}.model")
            subprocess.run([*python, "fit", name, str(postings), model], check=True)
            command = lambda f, o, name=name, model=model: [*python, "score", name, model, f, o]
        out = str(work / f"{name}.out")
        start = min(run(command(str(one), out), options.core)[0] for _ in range(options.runs))
        cpu, wall = min(run(command(str(feed), out), options.core) for _ in range(options.runs))
        if lines_of(out) != records:
            sys.exit(f"{title}: {lines_of(out)} scores for {records} postings")
        if cpu < 2 * start:
            sys.exit(f"{title}: {start:.2f} s of {cpu:.2f} s are start-up; a larger feed is needed (--megabytes)")
        rates[name] = (title, start, cpu, wall, size / 1e6 / (cpu - start))
        print(f"{title}: {rates[name][4]:.1f} MB/s", file=sys.stderr)
        os.remove(out)
    print(f"{size / 1e6:.1f} MB, {records} postings, core {options.core}, best of {options.runs}, seed {options.seed}\n")
    shown = [name for name in ("verdicts", "probabilities") if name in rates]
    ratios = "".join(f" {rates[name][0]}: times as fast |" for name in shown)
    print(f"| engine | start-up, s | processor, s | wall, s | MB/s |{ratios} name |\n|---|---|---|---|---|{'---|' * len(shown)}---|")
    for name, (title, start, cpu, wall, rate) in rates.items():
        cells = "".join(f" {rates[ours][4] / rate:.2f} |" for ours in shown)
        print(f"| {title} | {start:.2f} | {cpu:.2f} | {wall:.2f} | {rate:.1f} |{cells} {name} |")


if __name__ == "__main__":
    main()
